using VZaps.Gateway.Http;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Webhooks;

/// <summary>The body of <c>POST /instances/{id}/webhook/logs/search</c>; what is absent, null or empty does not narrow.</summary>
internal sealed record LogSearchRequest
{
    public const int DefaultSize = 50, MaxSize = 200;

    /// <summary><c>pending</c>, <c>delivered</c>, <c>failed</c> or <c>cancelled</c>.</summary>
    public string? Status { get; init; }

    /// <summary>The HTTP status of the last attempt.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>The endpoint's name.</summary>
    public string? Endpoint { get; init; }

    public string? EventType { get; init; }

    public string? EventId { get; init; }

    /// <summary>Logs that began at or after this time.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Logs that began before this time.</summary>
    public DateTimeOffset? To { get; init; }

    public int Page { get; init; } = 1;

    public int Size { get; init; } = DefaultSize;

    /// <summary>The id of a log to go on after; nothing is counted then.</summary>
    public string? After { get; init; }

    /// <summary>Where the page begins.</summary>
    /// <exception cref="ProblemException">400.</exception>
    public LogPlace ToPlace()
    {
        if (Page < 1 || Size is < 1 or > MaxSize)
            throw LogProblems.InvalidPage(Page, Size).ToException();
        if (string.IsNullOrEmpty(After))
            return new LogPlace(Page, Size, null);
        if (Page > 1)
            throw LogProblems.PageWithAfter.ToException();
        return LogId.TryParse(After, out var after) ? new LogPlace(1, Size, after) : throw LogProblems.InvalidLogId("'after'").ToException();
    }

    /// <summary>Which logs; whether the event is one of the instance's is for <see cref="RequireEventOf"/>.</summary>
    /// <exception cref="ProblemException">400.</exception>
    public LogFilter ToFilter()
    {
        if (HttpStatus is { } http && http is < 100 or > 599)
            throw LogProblems.InvalidHttpStatus(HttpStatus.Value).ToException();
        if (From is { } from && To is { } to && from >= to)
            throw LogProblems.InvalidRange.ToException();
        return new LogFilter
        {
            Endpoint = string.IsNullOrEmpty(Endpoint) ? null : Endpoint,
            Status = ReadStatus(),
            HttpStatus = HttpStatus,
            TypeIndex = ReadType(),
            Sequence = string.IsNullOrEmpty(EventId) ? null : Cursor.ReadForm(EventId, "'event_id'").Sequence,
            From = From,
            To = To,
        };
    }

    /// <summary>Refuses an event that is not of the instance.</summary>
    /// <exception cref="ProblemException">400.</exception>
    public void RequireEventOf(InstanceId instance)
    {
        if (EventPosition.TryParse(EventId, out var position) && !position.BelongsTo(instance))
            throw LogProblems.UnknownEvent(EventId!).ToException();
    }

    private DeliveryStatus? ReadStatus()
    {
        if (string.IsNullOrEmpty(Status))
            return null;
        return DeliveryStatuses.TryParse(Status, out var status) ? status : throw LogProblems.InvalidStatus(Status).ToException();
    }

    private byte? ReadType()
    {
        if (string.IsNullOrEmpty(EventType))
            return null;
        if (!VZaps.EventType.TryParseKnown(EventType, out var type))
            throw LogProblems.UnknownEventType(EventType).ToException();
        return type == VZaps.EventType.All ? null : (byte)type.Index;
    }
}
