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

    /// <summary>The secret before the last rotation; null where there is none.</summary>
    public WebhookSecret? PreviousSecret { get; init; }

    /// <summary>Until when posts are signed with that one too.</summary>
    public DateTimeOffset? PreviousSecretUntil { get; init; }

    /// <summary>Why it is disabled; null while it is not.</summary>
    public string? DisabledReason { get; init; }

    public DateTimeOffset? DisabledAt { get; init; }

    /// <summary>Whether events are posted.</summary>
    public bool IsRunning => IsEnabled && Url is not null;

    public static IReadOnlyDictionary<string, string> NoHeaders { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The keys of all secrets that hold, the current one's first.</summary>
    public IReadOnlyList<byte[]> KeysAt(DateTimeOffset now) =>
        PreviousSecret is { } previous && PreviousSecretUntil > now ? [Secret.Key, previous.Key] : [Secret.Key];

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
        PreviousSecret = row.PreviousSecret is { } previous ? secrets.Open(previous) : null,
        PreviousSecretUntil = Time(row.PreviousSecretUntilMilliseconds),
        DisabledReason = row.DisabledReason,
        DisabledAt = Time(row.DisabledAtMilliseconds),
    };

    /// <summary>Puts these settings into a row.</summary>
    public void WriteTo(EndpointRow row, EndpointSecrets secrets)
    {
        (row.Url, row.Types, row.IsEnabled, row.BodyKind, row.Order) = (Url, Types?.ToBits(), IsEnabled, Body, Order);
        row.Headers = JsonSerializer.Serialize(Headers);
        (row.Secret, row.PreviousSecret) = (secrets.Seal(Secret), PreviousSecret is { } previous ? secrets.Seal(previous) : null);
        row.PreviousSecretUntilMilliseconds = PreviousSecretUntil?.ToUnixTimeMilliseconds();
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
}
