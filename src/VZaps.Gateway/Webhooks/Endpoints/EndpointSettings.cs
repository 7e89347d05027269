using System.Text.Json;

namespace VZaps.Gateway.Webhooks;

/// <summary>An endpoint as it is set, at one moment.</summary>
internal sealed record EndpointSettings
{
    /// <summary>Where events are posted to; null for nowhere.</summary>
    public string? Url { get; init; }

    /// <summary>The types that are posted; null for those that the instance subscribes to.</summary>
    public EventTypeSet? Types { get; init; }

    public bool IsEnabled { get; init; } = true;

    public WebhookBodyKind Body { get; init; }

    /// <summary>What is sent along beside the contract's own headers.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = NoHeaders;

    public WebhookOrder Order { get; init; }

    public required WebhookSecret Secret { get; init; }

    /// <summary>The secrets before it, with which posts are signed too for a time.</summary>
    public PreviousSecrets PreviousSecrets { get; init; } = PreviousSecrets.None;

    /// <summary>Why it is disabled; null while it is not.</summary>
    public string? DisabledReason { get; init; }

    public DateTimeOffset? DisabledAt { get; init; }

    /// <summary>Whether events are posted.</summary>
    public bool IsRunning => IsEnabled && Url is not null;

    /// <summary>Whether the gateway disabled it, and not its user.</summary>
    public bool IsGivenUp => DisabledReason is DisabledReasons.Gone or DisabledReasons.Failing;

    /// <summary>Whether what comes now is missed, and delivered once it runs again. What came before there ever was a URL was nobody's.</summary>
    public bool IsMissing => !IsRunning && DisabledReason is not null;

    public static IReadOnlyDictionary<string, string> NoHeaders { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The keys of all secrets that hold, the current one's first; none where they cannot be read.</summary>
    public IReadOnlyList<byte[]> KeysAt(DateTimeOffset now) => Secret.Key is { } key ? [key, .. PreviousSecrets.KeysAt(now)] : [];

    // A record would print the secrets and the values of the headers.
    public override string ToString() => Url ?? "no URL";

    /// <summary>The settings that a row holds.</summary>
    public static EndpointSettings Of(EndpointRow row, EndpointSecrets secrets) => new()
    {
        Url = row.Url,
        Types = row.Types is { } bits ? EventTypeSet.FromBits(bits) : null,
        IsEnabled = row.IsEnabled,
        Body = row.BodyKind,
        Headers = new Dictionary<string, string>(JsonSerializer.Deserialize<Dictionary<string, string>>(row.Headers) ?? [], StringComparer.OrdinalIgnoreCase),
        Order = row.Order,
        Secret = secrets.Open(row.Secret),
        PreviousSecrets = secrets.OpenPrevious(row.PreviousSecret),
        DisabledReason = row.DisabledReason,
        DisabledAt = Time(row.DisabledAtMilliseconds),
    };

    /// <summary>Puts these settings into a row.</summary>
    public void WriteTo(EndpointRow row, EndpointSecrets secrets)
    {
        (row.Url, row.Types, row.IsEnabled, row.BodyKind, row.Order) = (Url, Types?.ToBits(), IsEnabled, Body, Order);
        row.Headers = JsonSerializer.Serialize(Headers);
        (row.Secret, row.PreviousSecret) = (secrets.Seal(Secret), secrets.Seal(PreviousSecrets));
        row.PreviousSecretUntilMilliseconds = PreviousSecrets.Until?.ToUnixTimeMilliseconds();
        (row.DisabledReason, row.DisabledAtMilliseconds) = (DisabledReason, DisabledAt?.ToUnixTimeMilliseconds());
    }

    private static DateTimeOffset? Time(long? milliseconds) => milliseconds is { } known ? DateTimeOffset.FromUnixTimeMilliseconds(known) : null;
}

/// <summary>Why an endpoint is disabled, as the API says it.</summary>
internal static class DisabledReasons
{
    /// <summary>Its user disabled it.</summary>
    public const string User = "user";

    /// <summary>It answered 410.</summary>
    public const string Gone = "gone";

    /// <summary>It failed for too long without one success.</summary>
    public const string Failing = "failing";

    /// <summary>It is enabled, and its URL was taken away: not shown, as its status says that.</summary>
    public const string UrlTaken = "url_taken";
}
