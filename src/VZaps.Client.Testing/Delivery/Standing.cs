namespace VZaps.Client.Testing.Delivery;

/// <summary>Where one event stands with one consumer.</summary>
internal sealed class Standing
{
    public FakeEventState State { get; set; }

    public int Deliveries { get; set; }

    public string? DeadLetterReason { get; set; }

    public string? RejectReason { get; set; }

    /// <summary>Whether a consumer is still owed it.</summary>
    public bool IsOwed => State is not (FakeEventState.Acked or FakeEventState.DeadLettered);
}
