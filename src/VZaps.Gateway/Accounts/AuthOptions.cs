using Microsoft.Extensions.Options;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Accounts;

/// <summary>Section <c>Auth</c>.</summary>
internal sealed class AuthOptions
{
    public const string Section = "Auth";

    /// <summary>How long an access token is good for. <value>Default 1 h; 1 s to 30 days.</value></summary>
    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromHours(1);
}

internal sealed class AuthValidator : IValidateOptions<AuthOptions>
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromDays(30);

    public ValidateOptionsResult Validate(string? name, AuthOptions options) => new OptionMistakes()
        .Require(options.AccessTokenLifetime >= Shortest && options.AccessTokenLifetime <= Longest,
            "Auth:AccessTokenLifetime", options.AccessTokenLifetime, "00:00:01 to 30.00:00:00")
        .ToResult();
}
