using System.Runtime.CompilerServices;

namespace VZaps.Gateway.Log.Segments;

/// <summary>A hash table with open addressing: 12 bytes a slot, and no more than 8 for each key beside them.</summary>
internal sealed class KeyShard
{
    private const int FirstSlots = 8;

    // Beyond four of five slots a search that finds nothing gets long; grown by a quarter, there are two of three.
    private const double MostFull = 0.8, Growth = 1.25;

    private Slot[] _slots = [];
    private int _count;

    public int Count => _count;

    public long Bytes => (long)_slots.Length * Unsafe.SizeOf<Slot>();

    public void Add(uint fingerprint, uint file, uint units, Dictionary<uint, SegmentFile> live)
    {
        if (_count + 1 > _slots.Length * MostFull)
            Rebuild(live);
        Enter(new Slot(fingerprint, file, units));
    }

    /// <summary>Whether there is a place for that fingerprint: for most keys there is none, and this costs nothing but the look.</summary>
    public bool Has(uint fingerprint)
    {
        if (_slots.Length == 0)
            return false;
        for (var at = First(fingerprint); _slots[at].IsUsed; at = Next(at))
        {
            if (_slots[at].Fingerprint == fingerprint)
                return true;
        }

        return false;
    }

    /// <summary>The places of all keys with that fingerprint, dead ones included.</summary>
    public IEnumerable<(uint File, uint Units)> Find(uint fingerprint)
    {
        if (_slots.Length == 0)
            yield break;
        for (var at = First(fingerprint); _slots[at].IsUsed; at = Next(at))
        {
            if (_slots[at].Fingerprint == fingerprint)
                yield return (_slots[at].File, _slots[at].Units);
        }
    }

    public void Move(uint fingerprint, (uint File, uint Units) fromPlace, (uint File, uint Units) toPlace)
    {
        if (_slots.Length == 0)
            return;
        var (from, to) = (new Slot(fingerprint, fromPlace.File, fromPlace.Units), new Slot(fingerprint, toPlace.File, toPlace.Units));
        for (var at = First(fingerprint); _slots[at].IsUsed; at = Next(at))
        {
            if (_slots[at] != from)
                continue;
            _slots[at] = to;
            return;
        }
    }

    /// <summary>Has room for so many keys together, or, where there is far more of it than its keys need, for those.</summary>
    public void Fit(int keys, Dictionary<uint, SegmentFile> live)
    {
        var needed = SlotsFor(Math.Max(keys, _count));
        if (_slots.Length < needed || _slots.Length > needed * Growth)
            Rebuild(live, needed);
    }

    private static int SlotsFor(int keys) => Math.Max(FirstSlots, (int)((keys + 1) / MostFull * Growth) + 1);

    private void Rebuild(Dictionary<uint, SegmentFile> live) =>
        Rebuild(live, SlotsFor(_slots.Count(slot => slot.IsUsed && live.ContainsKey(slot.File))));

    private void Rebuild(Dictionary<uint, SegmentFile> live, int slots)
    {
        var old = _slots;
        _slots = new Slot[slots];
        _count = 0;
        foreach (var slot in old)
        {
            if (slot.IsUsed && live.ContainsKey(slot.File))
                Enter(slot);
        }
    }

    private void Enter(Slot slot)
    {
        var at = First(slot.Fingerprint);
        while (_slots[at].IsUsed)
            at = Next(at);
        _slots[at] = slot;
        _count++;
    }

    private int First(uint fingerprint) => (int)((ulong)fingerprint * (uint)_slots.Length >> 32);

    private int Next(int at) => at + 1 == _slots.Length ? 0 : at + 1;

    /// <summary>Records stand behind a file's header, so that none is at 0.</summary>
    private readonly record struct Slot(uint Fingerprint, uint File, uint Units)
    {
        public bool IsUsed => Units != 0;
    }
}
