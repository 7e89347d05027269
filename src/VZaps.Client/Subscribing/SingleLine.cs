namespace VZaps.Client.Subscribing;

/// <summary>All events in one line, in the order of receipt; whoever takes them decides how many are out at a time.</summary>
internal sealed class SingleLine : IEventOrder
{
    private readonly Queue<WaitingEvent> _waiting = new();

    public int Count => _waiting.Count;

    public bool HasReady => _waiting.Count > 0;

    public int ReadyCount => _waiting.Count;

    // Nobody else is held up meanwhile, and a reader that is woken for one event at a time costs more than the event.
    public int RefillAt(int capacity) => capacity / 2;

    public void Add(WaitingEvent waiting, string key) => _waiting.Enqueue(waiting);

    public bool TryTake(out WaitingEvent taken, out object? line)
    {
        line = null;
        return _waiting.TryDequeue(out taken);
    }

    public void Release(object? line)
    {
        // Nothing waits for it.
    }
}
