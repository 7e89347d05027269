namespace VZaps.Gateway.Ingest.Sources;

/// <summary>
/// Which phones belong to the other ids (<c>…@bsuid</c>, <c>…@lid</c>) of the people that a source knows: the same person comes with the one, the other or both,
/// and is to be in one chat all the same. Bounded: who was not told of for longest is forgotten. Thread-safe.
/// </summary>
/// <param name="most">How many people are remembered.</param>
internal sealed class SourceIdentities(int most)
{
    /// <summary>An id longer than any that there is names nobody.</summary>
    private const int MaxAddress = 160;

    // Who is told of again and again is saved again no more often.
    private static readonly TimeSpan SaveInterval = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Identity>> _known = new(StringComparer.Ordinal);
    private readonly LinkedList<Identity> _byAge = []; // who was told of last is last
    private Dictionary<string, Identity?> _unsaved = new(StringComparer.Ordinal); // null: forgotten

    /// <summary>The phone of somebody, in digits; null where it is not known.</summary>
    public string? PhoneOf(string address)
    {
        lock (_lock)
            return _known.TryGetValue(address, out var node) ? node.Value.Phone : null;
    }

    /// <summary>Somebody's id was told together with their phone.</summary>
    public void Learn(string address, string phone, DateTimeOffset now)
    {
        if (most == 0 || address.Length > MaxAddress)
            return;
        lock (_lock)
        {
            if (Put(new Identity(address, phone, now)) is not { } before || before.Phone != phone || now - before.ToldAt >= SaveInterval)
                _unsaved[address] = _known[address].Value;
        }
    }

    /// <summary>Takes over what was saved; the oldest first.</summary>
    public void Load(Identity identity)
    {
        lock (_lock)
        {
            if (most == 0)
                _unsaved[identity.Address] = null;
            else
                Put(identity);
        }
    }

    /// <summary>What is not saved yet, with null for who was forgotten; it counts as saved now.</summary>
    public IReadOnlyDictionary<string, Identity?> TakeUnsaved()
    {
        lock (_lock)
        {
            var taken = _unsaved;
            if (taken.Count > 0)
                _unsaved = new Dictionary<string, Identity?>(StringComparer.Ordinal);
            return taken;
        }
    }

    /// <summary>What was taken could not be saved.</summary>
    public void GiveBack(IReadOnlyDictionary<string, Identity?> unsaved)
    {
        lock (_lock)
        {
            foreach (var (address, identity) in unsaved)
                _unsaved.TryAdd(address, identity);
        }
    }

    /// <summary>Makes somebody the one who was told of last, and forgets whom there is no room for; what was known of them before. The day of the last save is kept where nothing changes.</summary>
    private Identity? Put(Identity identity)
    {
        Identity? before = null;
        if (_known.Remove(identity.Address, out var node))
        {
            before = node.Value;
            _byAge.Remove(node);
            if (before.Phone == identity.Phone && identity.ToldAt - before.ToldAt < SaveInterval)
                identity = before;
        }

        _known[identity.Address] = _byAge.AddLast(identity);
        while (_known.Count > most && _byAge.First is { } oldest)
        {
            _byAge.RemoveFirst();
            _known.Remove(oldest.Value.Address);
            _unsaved[oldest.Value.Address] = null;
        }

        return before;
    }
}

/// <summary>Somebody whose phone is known.</summary>
/// <param name="Address">Their other id as an address.</param>
/// <param name="Phone">Their phone in digits.</param>
/// <param name="ToldAt">When this was told, to the day.</param>
internal sealed record Identity(string Address, string Phone, DateTimeOffset ToldAt);
