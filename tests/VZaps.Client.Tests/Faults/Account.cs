namespace VZaps.Client.Tests.Faults;

/// <summary>What the model's server knows of its consumer, and what it has to complain about.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class Account(Handlings handlings)
{
    private readonly HashSet<int> _acked = [];

    public List<string> Complaints { get; } = [];

    public bool AllAcked
    {
        get
        {
            lock (_acked)
                return _acked.Count == FaultSchedule.Events;
        }
    }

    public bool IsAcked(int number)
    {
        lock (_acked)
            return _acked.Contains(number);
    }

    public void Ack(int number)
    {
        var isHandled = handlings.IsHandled(number);
        lock (_acked)
        {
            if (!isHandled)
                Complaints.Add($"{number} was acked unhandled");
            _acked.Add(number);
        }
    }

    /// <summary>A handshake with a cursor: what it passes over never comes again.</summary>
    public void Resume(int cursor)
    {
        for (var number = 1; number <= cursor; number++)
        {
            if (!handlings.IsHandled(number))
                Complain($"the cursor {cursor} passes over {number}, which was not handled");
        }
    }

    public void Complain(string what)
    {
        lock (_acked)
            Complaints.Add(what);
    }
}
