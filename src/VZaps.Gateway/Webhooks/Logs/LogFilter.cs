namespace VZaps.Gateway.Webhooks;

/// <summary>Which logs of an instance; what is null does not narrow.</summary>
internal sealed record LogFilter
{
    /// <summary>Logs of endpoints of this name, deleted ones included.</summary>
    public string? Endpoint { get; init; }

    public DeliveryStatus? Status { get; init; }

    /// <summary>The HTTP status of the last attempt.</summary>
    public int? HttpStatus { get; init; }

    public byte? TypeIndex { get; init; }

    /// <summary>The event's sequence.</summary>
    public long? Sequence { get; init; }

    /// <summary>Not older than this.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Older than this.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>The lowest id that can match.</summary>
    public long FromId => From is { } time ? LogId.FirstOf(time) : 0;

    /// <summary>Ids at or above this one cannot match.</summary>
    public long BeforeId => To is { } time ? LogId.FirstOf(time) : long.MaxValue;

    /// <summary>Whether a log of one of the right endpoints matches.</summary>
    public bool Matches(DeliveryRow row) =>
        (Status is null || row.Status == Status)
        && (HttpStatus is null || row.HttpStatus == HttpStatus)
        && (TypeIndex is null || row.TypeIndex == TypeIndex)
        && (Sequence is null || row.Sequence == Sequence)
        && row.Id >= FromId && row.Id < BeforeId;
}
