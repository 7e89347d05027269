namespace VZaps.Client.Subscribing;

/// <summary>
/// A line for each key: of one key a single event is out at a time, and its others follow in the order of receipt; keys take turns. A key
/// costs memory only while one of its events waits or is out.
/// </summary>
internal sealed class PartitionLines : IEventOrder
{
    /// <summary>Lines that are kept for the next key, so that a burst does not leave its lines to the garbage collector again and again.</summary>
    private const int MaxSpare = 64;

    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);
    private readonly Queue<Line> _ready = new();
    private readonly Stack<Line> _spare = new();

    public int Count { get; private set; }

    public bool HasReady => _ready.Count > 0;

    public int ReadyCount => _ready.Count;

    // At once: what fills the queue may all be of one slow key, while handlers are free for the next event of another.
    public int RefillAt(int capacity) => capacity - 1;

    public void Add(WaitingEvent waiting, string key)
    {
        Count++;
        if (_lines.TryGetValue(key, out var line))
        {
            line.Waiting.Enqueue(waiting); // it is out or ready already
            return;
        }

        line = _spare.TryPop(out var spare) ? spare : new Line();
        line.Key = key;
        line.Waiting.Enqueue(waiting);
        _lines.Add(key, line);
        _ready.Enqueue(line);
    }

    public bool TryTake(out WaitingEvent taken, out object? line)
    {
        if (!_ready.TryDequeue(out var next))
        {
            (taken, line) = (default, null);
            return false;
        }

        Count--;
        (taken, line) = (next.Waiting.Dequeue(), next);
        return true;
    }

    public void Release(object? line)
    {
        var done = (Line)line!;
        if (done.Waiting.Count > 0)
        {
            _ready.Enqueue(done);
            return;
        }

        _lines.Remove(done.Key);
        if (_spare.Count < MaxSpare)
            _spare.Push(done);
    }

    private sealed class Line
    {
        public string Key { get; set; } = "";

        public Queue<WaitingEvent> Waiting { get; } = new();
    }
}
