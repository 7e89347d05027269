namespace VZaps.Client.Testing;

/// <summary>Where an event stands with a consumer.</summary>
public enum FakeEventState
{
    /// <summary>Not sent yet: there is no connection for it, or it was published before the consumer first read its type.</summary>
    Waiting,

    /// <summary>Sent, and not answered.</summary>
    Sent,

    /// <summary>Nacked: it is sent again when its delay is over.</summary>
    Nacked,

    /// <summary>Acked.</summary>
    Acked,

    /// <summary>In the dead letters.</summary>
    DeadLettered,
}

/// <summary>What became of an event with a consumer, at the moment at which it was asked.</summary>
/// <param name="Id">The event.</param>
/// <param name="Type">Its type.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Deliveries">How many times it was sent, over all connections.</param>
/// <param name="DeadLetterReason">Why it is a dead letter: <c>max_deliveries</c>, <c>rejected</c> or <c>skipped_by_cursor</c>; null where it is none.</param>
/// <param name="RejectReason">What the client wrote when it rejected it; null where it did not.</param>
public sealed record FakeEvent(string Id, EventType Type, FakeEventState State, int Deliveries, string? DeadLetterReason, string? RejectReason);
