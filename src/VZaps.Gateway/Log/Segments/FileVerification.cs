namespace VZaps.Gateway.Log.Segments;

/// <summary>Checks all bytes of one file: each record, the footer, that the footer says what the records do, and that nothing is missing before it.</summary>
/// <param name="name">The file's name.</param>
/// <param name="bytes">All of it.</param>
/// <param name="number">The number in its name.</param>
/// <param name="isLast">Whether it is the one that was written last.</param>
/// <param name="newest">The newest sequence of each instance in the files before it; it goes on with those in this one.</param>
/// <param name="followsDamage">Whether the file before it is damaged: then its last events are what is missing.</param>
internal sealed class FileVerification(string name, byte[] bytes, long number, bool isLast, Dictionary<InstanceKey, long> newest, bool followsDamage)
{
    private readonly List<LogDamage> _damage = [];
    private readonly List<string> _notes = [];
    private readonly Dictionary<(InstanceKey Instance, long Sequence), IndexEntry> _events = [];
    private readonly HashSet<InstanceKey> _seen = [];
    private long _missing;
    private int _keys;
    private int _indexed;

    private uint Generation => (uint)number;

    public LogFileVerdict Run()
    {
        if (!FileHeader.TryRead(bytes, out var header))
            _damage.Add(new LogDamage(0, Math.Min(FileHeader.Length, bytes.Length), "the header is not readable"));
        else if (header.Version is < FileHeader.OldestVersion or > FileHeader.CurrentVersion)
            _notes.Add($"format {header.Version} is not one of those that this gateway reads");
        else if (header.Number != number)
            _damage.Add(new LogDamage(0, bytes.Length, $"this is file {header.Number} under another name"));
        var hasFooter = CheckRecords();
        if (hasFooter && _damage.Count == 0)
            CheckFooter();
        if (_missing > 0 && _damage.Count == 0 && !followsDamage)
            _damage.Add(new LogDamage(0, 0, $"{_missing} events are missing before this file"));
        if (!hasFooter && !isLast)
            _notes.Add("no footer: a start reads all of it");
        return new LogFileVerdict(name, bytes.Length, _events.Count, _keys, _damage, _notes);
    }

    private bool CheckRecords()
    {
        var hasFooter = false;
        for (var at = FileHeader.Length; at < bytes.Length;)
        {
            if (RecordFormat.TryRead(bytes.AsSpan(at), Generation, out var header))
            {
                hasFooter |= header.IsOfFooter;
                Count(header, at);
                var end = Math.Min(at + header.PaddedLength, bytes.Length);
                if (bytes.AsSpan((at + header.Length)..end).ContainsAnyExcept((byte)0))
                    _damage.Add(new LogDamage(at + header.Length, end, "what fills up a record is not zero; no event is lost"));
                at = end;
                continue;
            }

            if (isLast && SegmentScan.FindLaterGroup(bytes, at, Generation) < 0)
            {
                if (bytes.AsSpan(at).ContainsAnyExcept((byte)0))
                    _notes.Add($"ends in the middle of a write, at byte {at}: the next start cuts it there, and nothing that was answered is lost");
                break;
            }

            var next = SegmentScan.FindSound(bytes, at + 8, Generation);
            var soundAt = next < 0 ? bytes.Length : next;
            _damage.Add(new LogDamage(at, soundAt, hasFooter ? "a part of the footer is not sound; no event is lost" : "no sound record is here"));
            at = soundAt;
        }

        return hasFooter;
    }

    private void Count(in RecordHeader header, int offset)
    {
        var record = bytes.AsSpan(offset, header.Length);
        _keys += header.KeyLength > 0 ? 1 : 0;
        if (header.Kind == RecordKind.Event)
        {
            var instance = InstanceKey.Read(RecordFormat.Instance(record));
            if (_seen.Add(instance) && newest.TryGetValue(instance, out var before))
                _missing += Math.Max(0, header.Sequence - before - 1);
            newest[instance] = header.Sequence;
            _events[(instance, header.Sequence)] = new IndexEntry((uint)(offset / 8), (uint)header.EnvelopeLength << 4 | header.TypeIndex, 0);
        }
        else if (header.Kind == RecordKind.Mark)
        {
            newest[InstanceKey.Read(RecordFormat.Instance(record))] = header.Sequence;
        }
        else if (header.Kind == RecordKind.IndexBlock)
        {
            CheckBlock(header, record, offset);
        }
    }

    private void CheckBlock(in RecordHeader header, ReadOnlySpan<byte> record, int offset)
    {
        var instance = InstanceKey.Read(RecordFormat.Instance(record));
        var sequence = header.Sequence;
        foreach (var entry in FooterFormat.Entries<IndexEntry>(RecordFormat.Body(record, header)))
        {
            if (_events.TryGetValue((instance, sequence), out var found) && found != entry with { TimeDelta = 0 })
                _damage.Add(new LogDamage(offset, offset + header.Length, $"the index has event {sequence} of {instance.ToInstance()} where it is not"));
            _indexed++;
            sequence++;
        }
    }

    private void CheckFooter()
    {
        using var file = new BytesFile(bytes);
        if (FooterReader.TryRead(file, Generation) is null)
            _damage.Add(new LogDamage(bytes.Length, bytes.Length, "the footer does not end the file; no event is lost"));
        else if (_indexed != _events.Count)
            _damage.Add(new LogDamage(bytes.Length, bytes.Length, $"the index has {_indexed} events, and the file {_events.Count}"));
    }

    /// <summary>Bytes that have been read, to those who read files.</summary>
    private sealed class BytesFile(byte[] bytes) : ILogFile
    {
        public long Length => bytes.Length;

        public int Read(Span<byte> buffer, long offset)
        {
            var count = (int)Math.Clamp(bytes.Length - offset, 0, buffer.Length);
            bytes.AsSpan((int)offset, count).CopyTo(buffer);
            return count;
        }

        public ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken) => new(Read(buffer.Span, offset));

        public void Write(ReadOnlySpan<byte> bytes, long offset) => throw new NotSupportedException();

        public void SetLength(long length) => throw new NotSupportedException();

        public void Flush() => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
