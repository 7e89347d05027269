namespace VZaps.Gateway.Log.Segments;

/// <summary>Idempotency keys as the writer asks for them: those in the files, and those of the group that is not flushed yet.</summary>
internal sealed class GroupKeys(KeyTable stored, KeyHash hash, UInt128 seed, DamageReports damage)
{
    private readonly Dictionary<ulong, List<Pending>> _pending = [];
    private byte[] _record = new byte[RecordFormat.HeaderLength];

    /// <summary>The first event of a key. One of the same group is found, too: its publisher is answered with the group.</summary>
    public bool TryFind(InstanceId instance, ReadOnlyMemory<byte> key, out ulong keyHash, out EventPosition position)
    {
        keyHash = hash(seed, instance, key.Span);
        foreach (var pending in _pending.GetValueOrDefault(keyHash) ?? [])
        {
            if (pending.Instance == instance && pending.Key.Span.SequenceEqual(key.Span))
            {
                position = pending.Position;
                return true;
            }
        }

        foreach (var place in stored.Find(keyHash))
        {
            if (IsOf(place, instance, key.Span, out position))
                return true;
        }

        position = default;
        return false;
    }

    public void AddPending(ulong keyHash, InstanceId instance, ReadOnlyMemory<byte> key, EventPosition position)
    {
        if (!_pending.TryGetValue(keyHash, out var pending))
            _pending[keyHash] = pending = [];
        pending.Add(new Pending(instance, key, position));
    }

    /// <summary>Takes back what a request was given that is not written after all.</summary>
    public void RemovePending(InstanceId instance, long afterSequence)
    {
        foreach (var pending in _pending.Values)
            pending.RemoveAll(one => one.Instance == instance && one.Position.Sequence > afterSequence);
    }

    /// <summary>A key whose record is durable.</summary>
    public void Add(ulong keyHash, SegmentFile file, long offset)
    {
        var entry = new KeyEntry(keyHash, (uint)(offset / 8));
        if (file.Keys.Count == 0)
            stored.Attach(file);
        file.Keys.Add(entry);
        stored.Add(keyHash, file, entry.OffsetUnits);
    }

    public void ClearPending() => _pending.Clear();

    /// <summary>A hash says maybe; the record has the key itself. One that is damaged says nothing: its event cannot be read either, and is stored again.</summary>
    private bool IsOf(KeyPlace place, InstanceId instance, ReadOnlySpan<byte> key, out EventPosition position)
    {
        position = default;
        if (!TryReadRecord(place, RecordFormat.HeaderLength)
            || !RecordFormat.TryReadHeader(_record, place.File.Generation, out var header)
            || header.KeyLength != key.Length
            || InstanceKey.Read(RecordFormat.Instance(_record)) != InstanceKey.Of(instance)
            || !TryReadRecord(place, header.Length)
            || !IsKey(_record.AsSpan(RecordFormat.HeaderLength + header.EnvelopeLength, header.KeyLength), header.IsKeyMasked, key))
        {
            return false;
        }

        if (!RecordFormat.TryRead(_record, place.File.Generation, out _))
        {
            damage.Note(new EventLogDamagedException(place.File.Name, place.Offset, $"the record of an idempotency key of {instance} is not sound"));
            return false;
        }

        position = EventPosition.Create(instance, header.TimeMs, header.Sequence);
        return true;
    }

    /// <summary>Whether it is that key. A record says how its own stands: taken for either, one key would be another's masked, and its event lost.</summary>
    private bool IsKey(ReadOnlySpan<byte> stored, bool isMasked, ReadOnlySpan<byte> key)
    {
        if (!isMasked)
            return stored.SequenceEqual(key);
        Span<byte> masked = stackalloc byte[key.Length];
        KeyMask.Apply(seed, key, masked);
        return stored.SequenceEqual(masked);
    }

    private bool TryReadRecord(KeyPlace place, int length)
    {
        if (_record.Length < length)
            _record = new byte[length];
        return place.File.Io.Read(_record.AsSpan(0, length), place.Offset) == length;
    }

    private readonly record struct Pending(InstanceId Instance, ReadOnlyMemory<byte> Key, EventPosition Position);
}
