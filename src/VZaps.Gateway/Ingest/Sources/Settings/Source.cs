namespace VZaps.Gateway.Ingest.Sources;

/// <summary>A source as its owner set it.</summary>
internal sealed record Source
{
    /// <summary>What its sender's URL holds; public, and of no use without the secret.</summary>
    public required string Id { get; init; }

    public required InstanceId Instance { get; init; }

    /// <summary>A <see cref="SourceKind"/>; an instance has one source of a kind.</summary>
    public required string Kind { get; init; }

    /// <summary>Cloud API: the number's id, by which the instance is found.</summary>
    public string? PhoneNumberId { get; init; }

    /// <summary>Cloud API: the WhatsApp Business Account; null until a body named it.</summary>
    public string? Waba { get; init; }

    /// <summary>The account's number in digits; null until it is known.</summary>
    public string? Phone { get; init; }

    /// <summary>Whether a message that could not be delivered is an event.</summary>
    public bool HasFailedReceipts { get; init; } = true;

    /// <summary>What signatures are made with: the app secret, or wuzapi's HMAC key; null where the URL's secret has to do.</summary>
    public byte[]? SigningKey { get; init; }

    /// <summary>The hash of the verify token, or of the secret in the URL.</summary>
    public byte[]? TokenHash { get; init; }

    /// <summary>Cloud API: the token with which files are fetched; null where none is set.</summary>
    public string? AccessToken { get; init; }

    /// <summary>Whether a token is kept that cannot be opened: it counts again when the keys are back.</summary>
    public bool IsTokenUnreadable { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The account's own address; null while its number is not known.</summary>
    public string? OwnAddress => Phone is null ? null : WhatsAppAddress.OfPhone(Phone);

    // A record would print the key.
    public override string ToString() => $"{Kind} source {Id}";
}
