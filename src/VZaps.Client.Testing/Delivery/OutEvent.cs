namespace VZaps.Client.Testing.Delivery;

/// <summary>An event that is out on a connection: sent there and not answered, or nacked and not sent again yet.</summary>
internal sealed class OutEvent(LoggedEvent logged)
{
    public LoggedEvent Logged => logged;

    /// <summary>Deliveries on this connection.</summary>
    public int Deliveries { get; set; }

    /// <summary>The order of its last send among the connection's.</summary>
    public long SendOrder { get; set; }

    /// <summary>When its clock began.</summary>
    public DateTimeOffset ClockBegan { get; set; }

    /// <summary>Not before then: the delay of a nack, or the extension of a word that its handler is at work. Null for the ack time-out.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    public bool IsNacked { get; set; }

    /// <summary>How many answers its connection had given when it was first sent there.</summary>
    public long AnswersBefore { get; init; }
}
