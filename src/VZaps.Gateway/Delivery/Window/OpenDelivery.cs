namespace VZaps.Gateway.Delivery;

/// <summary>One event that is out on a connection: sent, and not yet acked. Its window owns it and uses it again.</summary>
internal sealed class OpenDelivery
{
    public long Sequence;
    public byte TypeIndex;

    /// <summary>Sent again at the client's wish, by a cursor: the consumer does not owe it.</summary>
    public bool IsReplay;

    /// <summary>How often it was sent on this connection.</summary>
    public int Deliveries;

    /// <summary>Its first send's place among all sends of the connection.</summary>
    public long FirstSendOrder;

    /// <summary>Its last send's place.</summary>
    public long SendOrder;

    public long SentAt;
    public double Jitter;

    /// <summary>How many events the connection had acked when this one was sent first.</summary>
    public long AcksBefore;

    /// <summary>Nacked, and not yet sent again: it is due then, whatever else happens.</summary>
    public bool IsNacked;
    public long NackedUntil;

    /// <summary>The client said <c>working</c> since the last send.</summary>
    public bool IsExtended;
    public long ExtendedAt;
    public long ExtendedUntil;

    /// <summary>The end of all extensions; 0 before the first.</summary>
    public long ExtensionLimit;

    /// <summary>Rejected: it is to be dead-lettered.</summary>
    public bool IsRejected;
    public string? RejectReason;

    /// <summary>What became of the sends before the last one; null while there was only one.</summary>
    public List<(long At, DeliveryOutcome Outcome)>? Earlier;

    // By first send.
    public OpenDelivery? Previous;
    public OpenDelivery? Next;

    public void Reset(long sequence, byte typeIndex, bool isReplay)
    {
        (Sequence, TypeIndex, IsReplay) = (sequence, typeIndex, isReplay);
        (Deliveries, ExtensionLimit) = (0, 0);
        (IsNacked, IsExtended, IsRejected) = (false, false, false);
        (RejectReason, Earlier, Previous, Next) = (null, null, null, null);
    }
}

/// <summary>What became of one send.</summary>
internal enum DeliveryOutcome
{
    /// <summary>No ack in time.</summary>
    TimedOut,

    /// <summary>The client asked for it again.</summary>
    Nacked,

    /// <summary>The client refused it for good.</summary>
    Rejected,
}
