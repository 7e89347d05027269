namespace VZaps.EndToEnd.Faults;

/// <summary>What a handler saw. Thread-safe.</summary>
internal sealed class HandledEvents
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _seen = [];
    private readonly List<string> _firsts = [];

    public int Count
    {
        get
        {
            lock (_gate)
                return _firsts.Count;
        }
    }

    /// <summary>The ids in the order in which they were handled first.</summary>
    public IReadOnlyList<string> Firsts
    {
        get
        {
            lock (_gate)
                return [.. _firsts];
        }
    }

    public bool Contains(string id)
    {
        lock (_gate)
            return _seen.Contains(id);
    }

    public void Add(string id)
    {
        lock (_gate)
        {
            if (_seen.Add(id))
                _firsts.Add(id);
        }
    }
}
