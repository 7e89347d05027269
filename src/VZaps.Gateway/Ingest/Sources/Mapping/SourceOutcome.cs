using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>What one update in a source's body became. Every update becomes at least one, so that the account closes.</summary>
internal abstract record SourceOutcome
{
    /// <summary>Whom it concerns; nobody by name where the source that was posted to is meant.</summary>
    public SourceTarget Target { get; init; }
}

/// <summary>An event for the log.</summary>
/// <param name="Type">One of the nine types.</param>
/// <param name="Data">Its <c>data</c>: a JSON object in UTF-8 that names its type and fits into an envelope.</param>
/// <param name="CreatedAt">When it happened, by the source's own time where that is to be believed.</param>
/// <param name="Key">Its idempotency key, at most 256 bytes; empty for none.</param>
internal sealed record MappedEvent(EventType Type, ReadOnlyMemory<byte> Data, DateTimeOffset CreatedAt, string Key) : SourceOutcome
{
    /// <summary>Its file; null for none.</summary>
    public MediaDescription? Media { get; init; }

    /// <summary>Under what it is counted where the instance does not want failed receipts; null for all other events.</summary>
    public string? FailedReceiptKind { get; init; }
}

/// <summary>An update that is no event on purpose.</summary>
/// <param name="Kind">Under what it is counted.</param>
internal sealed record NotMapped(string Kind) : SourceOutcome;

/// <summary>An update that should be an event and cannot be read.</summary>
/// <param name="Reason">What is wrong, without what was said.</param>
/// <param name="Body">A body of the source's own format that holds this update alone; it can be mapped again.</param>
internal sealed record Unmappable(string Reason, ReadOnlyMemory<byte> Body) : SourceOutcome
{
    /// <summary>The file that was taken out of the body, which stays as long as the body does; null for none.</summary>
    public MediaDescription? Media { get; init; }
}

/// <summary>Whom an update concerns, in the Cloud API's terms.</summary>
/// <param name="PhoneNumberId">The number's id; null where the update is of an account, or names nobody.</param>
/// <param name="Waba">The WhatsApp Business Account; null where nobody is named.</param>
/// <param name="Phone">The digits of the number, where they are given.</param>
internal readonly record struct SourceTarget(string? PhoneNumberId, string? Waba, string? Phone)
{
    /// <summary>Whether the source that was posted to is meant.</summary>
    public bool IsTheSourceItself => PhoneNumberId is null && Waba is null;
}
