using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Accounts;

/// <summary>Signs and checks the accounts' JWTs (HS256). Thread-safe.</summary>
internal sealed class AccessTokens
{
    private const string KeyFileName = "jwt.key";
    private const int KeyBytes = 32;
    private const string Issuer = "vzaps-gateway";
    private const string Audience = "vzaps";
    private const string SecretVersionClaim = "sv";

    private readonly AccountDirectory _accounts;
    private readonly TimeProvider _time;
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly SigningCredentials _signing;
    private readonly TokenValidationParameters _validation;

    public AccessTokens(DataFolder folder, AccountDirectory accounts, IOptions<AuthOptions> options, TimeProvider time)
    {
        _accounts = accounts;
        _time = time;
        Lifetime = options.Value.AccessTokenLifetime;
        var key = new SymmetricSecurityKey(folder.ReadOrMakeKey(KeyFileName, KeyBytes, "all access tokens"));
        _signing = new SigningCredentials(key, SecurityAlgorithms.HmacSha256);
        _validation = new TokenValidationParameters
        {
            IssuerSigningKey = key,
            ValidIssuer = Issuer,
            ValidAudience = Audience,
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            RequireExpirationTime = true,
            ClockSkew = TimeSpan.Zero,
            LifetimeValidator = (_, expires, _, _) => expires > _time.GetUtcNow().UtcDateTime,
        };
    }

    /// <summary>How long a new token is good for.</summary>
    public TimeSpan Lifetime { get; }

    /// <summary>A token for an account.</summary>
    public string Issue(Account account)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            IssuedAt = now,
            Expires = now + Lifetime,
            SigningCredentials = _signing,
            Claims = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                [JwtRegisteredClaimNames.Sub] = account.ClientToken,
                [SecretVersionClaim] = account.SecretVersion,
                // Two tokens of one second differ, so that each can be told apart in a client's own log.
                [JwtRegisteredClaimNames.Jti] = Guid.NewGuid().ToString("N"),
            },
        });
    }

    /// <summary>The account that a token was issued to; null where the token is not ours, has expired or was voided by a new secret.</summary>
    public async ValueTask<Account?> ValidateAsync(string accessToken)
    {
        var result = await _handler.ValidateTokenAsync(accessToken, _validation);
        return result is { IsValid: true, SecurityToken: JsonWebToken token }
            && token.TryGetClaim(SecretVersionClaim, out var version)
            && _accounts.TryGet(token.Subject, out var account)
            && version.Value == account.SecretVersion.ToString()
            ? account
            : null;
    }
}
