namespace VZaps.Gateway.Delivery;

/// <summary>A delivery whose time has come.</summary>
/// <param name="Sequence">The event.</param>
/// <param name="TypeIndex">Its type.</param>
/// <param name="IsReplay">Whether the consumer does not owe it.</param>
/// <param name="Deliveries">Which delivery the next one is, 2 and up; of a dead one, how many there were.</param>
/// <param name="Death">Why it is not sent again; null where it is.</param>
internal readonly record struct DueDelivery(long Sequence, byte TypeIndex, bool IsReplay, int Deliveries, DeliveryDeath? Death);

/// <summary>The end of a delivery that was never acked.</summary>
/// <param name="Reason">Why it goes to the dead letters.</param>
/// <param name="Detail">The client's own words, where it gave some.</param>
/// <param name="Attempts">Its sends on this connection, oldest first.</param>
internal sealed record DeliveryDeath(DeadLetterReason Reason, string? Detail, IReadOnlyList<DeliveryAttempt> Attempts);

/// <summary>One send of an event.</summary>
/// <param name="At">When.</param>
/// <param name="Outcome">What became of it.</param>
internal readonly record struct DeliveryAttempt(DateTimeOffset At, DeliveryOutcome Outcome);
