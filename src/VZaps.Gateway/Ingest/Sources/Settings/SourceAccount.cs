using System.Text.Json;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>What came of everything that a source received. Received is the sum of all else, at every moment.</summary>
/// <param name="Received">Updates; one that becomes several events counts as many.</param>
/// <param name="Published">Events that became durable.</param>
/// <param name="Duplicates">Those that were there already, as the sender had sent them before.</param>
/// <param name="Kept">Those that could not be mapped, and were kept.</param>
/// <param name="NotMapped">Those that are no events, by kind.</param>
internal sealed record SourceCounts(long Received, long Published, long Duplicates, long Kept, IReadOnlyDictionary<string, long> NotMapped);

/// <summary>How a source does: its account, and when it was last heard of. Thread-safe.</summary>
internal sealed class SourceAccount
{
    /// <summary>Kinds that are told apart; the others are <c>other</c>. Their names are the sender's.</summary>
    private const int MaxKinds = 100, MaxKindLength = 80;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _notMapped = new(StringComparer.Ordinal);
    private long _received, _published, _duplicates, _kept;
    private DateTimeOffset? _lastSeenAt, _disconnectedAt;
    private bool _isUnsaved;

    /// <summary>When a request of its sender was last found genuine; null for never.</summary>
    public DateTimeOffset? LastSeenAt
    {
        get
        {
            lock (_lock)
                return _lastSeenAt;
        }
    }

    /// <summary>Whether it is silent now, and has been told to be. Touched by one loop.</summary>
    public bool IsToldSilent { get; set; }

    public static SourceAccount Of(SourceRow row)
    {
        var account = new SourceAccount();
        (account._received, account._published, account._duplicates, account._kept) = (row.Received, row.Published, row.Duplicates, row.Kept);
        foreach (var (kind, count) in JsonSerializer.Deserialize<Dictionary<string, long>>(row.NotMapped) ?? [])
            account._notMapped[kind] = count;
        account._lastSeenAt = row.LastSeenAtMilliseconds is { } seen ? DateTimeOffset.FromUnixTimeMilliseconds(seen) : null;
        account._disconnectedAt = row.DisconnectedAtMilliseconds is { } gone ? DateTimeOffset.FromUnixTimeMilliseconds(gone) : null;
        return account;
    }

    public SourceCounts Counts
    {
        get
        {
            lock (_lock)
                return new SourceCounts(_received, _published, _duplicates, _kept, new Dictionary<string, long>(_notMapped, StringComparer.Ordinal));
        }
    }

    public void Seen(DateTimeOffset now) => Change(() => _lastSeenAt = now);

    /// <summary>An append is done.</summary>
    public void Appended(int published, int duplicates) => Change(() =>
    {
        _received += published + duplicates;
        _published += published;
        _duplicates += duplicates;
    });

    public void CountKept(int kept, int duplicates) => Change(() =>
    {
        _received += kept + duplicates;
        _kept += kept;
        _duplicates += duplicates;
    });

    public void CountNotMapped(string kind) => Change(() =>
    {
        _received++;
        var name = kind.Length <= MaxKindLength ? kind : kind[..MaxKindLength];
        if (!_notMapped.ContainsKey(name) && _notMapped.Count >= MaxKinds)
            name = "other";
        _notMapped[name] = _notMapped.GetValueOrDefault(name) + 1;
    });

    /// <summary>A kept payload is mapped, or is not to be: it is counted anew as what it became.</summary>
    public void TakeKept() => Change(() =>
    {
        // A crash may have taken the count of what it left kept.
        if (_kept == 0)
            return;
        _received--;
        _kept--;
    });

    /// <summary>An event of a time says that the account is disconnected; what is from before it says nothing of now. One that comes late takes nothing back.</summary>
    public void Disconnected(DateTimeOffset at) => Change(() => _disconnectedAt = at > _disconnectedAt ? at : _disconnectedAt ?? at);

    /// <summary>Whether something that happened at a time shows that the account is connected.</summary>
    public bool ShowsConnected(DateTimeOffset at)
    {
        lock (_lock)
            return _disconnectedAt is not { } gone || at > gone;
    }

    /// <summary>Writes into the row what is not saved yet; false where there is nothing.</summary>
    public bool TakeUnsaved(SourceRow row)
    {
        lock (_lock)
        {
            if (!_isUnsaved)
                return false;
            _isUnsaved = false;
            (row.Received, row.Published, row.Duplicates, row.Kept) = (_received, _published, _duplicates, _kept);
            row.NotMapped = JsonSerializer.Serialize(_notMapped);
            row.LastSeenAtMilliseconds = _lastSeenAt?.ToUnixTimeMilliseconds();
            row.DisconnectedAtMilliseconds = _disconnectedAt?.ToUnixTimeMilliseconds();
            return true;
        }
    }

    public bool HasUnsaved
    {
        get
        {
            lock (_lock)
                return _isUnsaved;
        }
    }

    public void MarkUnsaved() => Change(() => { });

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
            _isUnsaved = true;
        }
    }
}
