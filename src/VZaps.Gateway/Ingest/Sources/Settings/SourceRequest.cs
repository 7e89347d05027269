using System.Text;
using System.Text.Json.Serialization;
using VZaps.Gateway.Accounts;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>The body of <c>POST /instances/{id}/sources/{kind}</c>: what is absent or null stays as it is, save an access token, which null takes away.</summary>
internal sealed record SourceRequest
{
    private const int MaxText = 256, MaxAccessToken = 1_024, MinHmacKey = 32;

    /// <summary>Cloud API: the id of the number, as the app's page shows it.</summary>
    public string? PhoneNumberId { get; init; }

    /// <summary>Cloud API: the app secret, with which bodies are signed.</summary>
    public string? AppSecret { get; init; }

    /// <summary>Cloud API: what the app's page is given as verify token; one is made where the source is new and has none.</summary>
    public string? VerifyToken { get; init; }

    /// <summary>Cloud API: a token of the app that may read messages' files; without one, they are not fetched. Null takes it away.</summary>
    public string? AccessToken { get; init { field = value; IsAccessTokenGiven = true; } }

    /// <summary>Cloud API: the WhatsApp Business Account; learned from the first body where absent.</summary>
    public string? WabaId { get; init; }

    /// <summary>The account's number; learned where absent, and what the sender says of it wins.</summary>
    public string? PhoneNumber { get; init; }

    /// <summary>Cloud API: whether a message that could not be delivered is an event; true where the source is new.</summary>
    public bool? FailedReceipts { get; init; }

    /// <summary>WuzAPI: the key with which it signs, 32 characters and up. Without one, the URL has a secret.</summary>
    public string? HmacKey { get; init; }

    /// <summary>WuzAPI: whether to make a new secret for the URL (and to let go of the HMAC key).</summary>
    public bool? NewUrl { get; init; }

    [JsonIgnore]
    public bool IsAccessTokenGiven { get; private init; }

    // A record would print the secrets.
    public override string ToString() => nameof(SourceRequest);

    /// <summary>The source that is asked for, and a secret that was made for it, which is shown this once.</summary>
    /// <param name="instance">Its instance.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="current">It as it is; null where it is new.</param>
    /// <exception cref="ProblemException">400.</exception>
    public (Source Source, string? NewSecret) Apply(InstanceId instance, string kind, Source? current)
    {
        var source = current ?? new Source { Id = Secret.NewPublic("src_"), Instance = instance, Kind = kind };
        source = source with { Phone = PhoneNumber is null ? source.Phone : DigitsOf(PhoneNumber) };
        return kind == SourceKind.Cloud ? ApplyCloud(source) : ApplyWuz(source);
    }

    private (Source Source, string? NewSecret) ApplyCloud(Source source)
    {
        if (HmacKey is not null || NewUrl is not null)
            throw SourceProblems.NotOfKind(HmacKey is not null ? "hmac_key" : "new_url", source.Kind).ToException();
        var made = VerifyToken is null && source.TokenHash is null ? Secret.New("vzv_") : null;
        var token = Checked(VerifyToken, "verify_token") ?? made;
        var number = Checked(PhoneNumberId, "phone_number_id") ?? source.PhoneNumberId
            ?? throw SourceProblems.Invalid("phone_number_id", "the id of the number (not the number itself) from the app's page").ToException();
        // What was learned is of the number that was.
        if (source.PhoneNumberId is { } before && before != number)
            source = source with { Waba = null, Phone = PhoneNumber is null ? null : source.Phone };
        return (source with
        {
            PhoneNumberId = number,
            SigningKey = Checked(AppSecret, "app_secret") is { } secret ? Encoding.UTF8.GetBytes(secret)
                : source.SigningKey ?? throw SourceProblems.Invalid("app_secret", "the app secret from the app's basic settings").ToException(),
            Waba = Checked(WabaId, "waba_id") ?? source.Waba,
            AccessToken = IsAccessTokenGiven ? CheckedToken(AccessToken) : source.AccessToken,
            IsTokenUnreadable = !IsAccessTokenGiven && source.IsTokenUnreadable,
            HasFailedReceipts = FailedReceipts ?? source.HasFailedReceipts,
            TokenHash = token is null ? source.TokenHash : Secret.HashOf(token),
        }, made);
    }

    private (Source Source, string? NewSecret) ApplyWuz(Source source)
    {
        foreach (var (value, name) in new (object?, string)[]
            { (PhoneNumberId, "phone_number_id"), (AppSecret, "app_secret"), (VerifyToken, "verify_token"), (WabaId, "waba_id"), (AccessToken, "access_token"), (FailedReceipts, "failed_receipts") })
        {
            if (value is not null)
                throw SourceProblems.NotOfKind(name, source.Kind).ToException();
        }

        if (HmacKey is { } key)
        {
            return key.Length is >= MinHmacKey and <= MaxText
                ? (source with { SigningKey = Encoding.UTF8.GetBytes(key), TokenHash = null }, null)
                : throw SourceProblems.Invalid("hmac_key", $"{MinHmacKey} to {MaxText} characters, the same as in wuzapi").ToException();
        }

        if (NewUrl != true && (source.SigningKey ?? source.TokenHash) is not null)
            return (source, null);
        var secret = Secret.New("vzu_");
        return (source with { SigningKey = null, TokenHash = Secret.HashOf(secret) }, secret);
    }

    private static string? Checked(string? text, string field) => text is null || text.Length is >= 1 and <= MaxText
        ? text
        : throw SourceProblems.Invalid(field, $"1 to {MaxText} characters").ToException();

    // It goes into a header as it is.
    private static string? CheckedToken(string? text) => text is null || (text.Length is >= 1 and <= MaxAccessToken && text.All(character => character is > ' ' and < '\u007f'))
        ? text
        : throw SourceProblems.Invalid("access_token", $"1 to {MaxAccessToken} visible ASCII characters without spaces").ToException();

    private static string DigitsOf(string phone) => WhatsAppAddress.NumberOf(phone)
        ?? throw SourceProblems.Invalid("phone_number", "the number with its country code, such as +1 555 000 1111").ToException();
}
