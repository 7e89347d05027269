namespace VZaps;

/// <summary>Decides whether a handler that threw is called again at once, before its event is given back to the server.</summary>
/// <remarks>
/// Thread-safe: with <see cref="EventSubscribeRequest.MaxConcurrency"/> it is asked from several threads. While it waits, the events of the same partition wait too,
/// and the server is told that the event is being worked on. A <see cref="RejectEventException"/> is not retried, and neither is a
/// <see cref="VZapsPayloadException"/>: the payload would not fit the next time either. One that throws counts as null.
/// </remarks>
public interface IHandlerRetryPolicy
{
    /// <summary>How long to wait before the handler is called again, from 0 to a day, to which longer ones are cut; null to give the event back.</summary>
    TimeSpan? NextDelay(HandlerFailure failure);
}

/// <summary>One time that a handler threw.</summary>
public sealed record HandlerFailure
{
    /// <summary>The event; in a history, as it came last.</summary>
    public required VZapsEvent Event { get; init; }

    /// <summary>Which call of the handler it was in this delivery, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>Which delivery of the event it was, as <see cref="VZapsEvent.DeliveryCount"/> counts them.</summary>
    public required int DeliveryCount { get; init; }

    /// <summary>When, in UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What it threw.</summary>
    public required Exception Exception { get; init; }

    /// <summary>Event, attempt and what was thrown; never the payload.</summary>
    public override string ToString() => $"{Event}, delivery {DeliveryCount}, attempt {Attempt}: {Exception.GetType().Name}: {Exception.Message}";
}
