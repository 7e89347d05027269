namespace VZaps.Gateway.Log.Segments;

/// <summary>Makes the footer of the file that is being closed out of the index's open chunks, and has the index let go of those.</summary>
internal sealed class FooterWriter
{
    private readonly SegmentFile _file;
    private readonly List<(InstanceIndex Events, List<BlockPlace> Places)> _closing = [];
    private readonly List<IndexChunk> _chunks = [];
    private readonly List<DirectoryEntry> _directory = [];
    private byte[] _bytes = new byte[64 * 1024];
    private int _length;

    /// <param name="file">The file.</param>
    /// <param name="index">The index; null for a file of keys alone.</param>
    public FooterWriter(SegmentFile file, SegmentIndex? index = null)
    {
        _file = file;
        foreach (var events in index?.All ?? [])
        {
            if (events.NewestFile == file)
                AddBlocks(events);
        }

        var tables = file.End + _length;
        AddTable(RecordKind.Keys, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(file.Keys), FooterFormat.KeysInRecord);
        AddDirectory();
        Span<byte> trailer = stackalloc byte[FooterFormat.TrailerLength - RecordFormat.HeaderLength];
        new Trailer(file.End, tables, file.OldestMs, file.NewestMs, file.LastGroup).Write(trailer);
        Add(RecordKind.Trailer, default, 0, 0, trailer);
    }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>Tells the index that the file is closed: with its footer stored, or, where the disk had no room for it, with the blocks
    /// kept in memory until the next start tries again.</summary>
    public void Enter(bool isStored)
    {
        if (isStored)
            _file.Keys = []; // they are in the footer, and in the key table
        else
            _file.KeptBlocks = _chunks;
        var number = 0u;
        foreach (var (events, places) in _closing)
        {
            for (var i = 0; i < places.Count && !isStored; i++)
                places[i] = places[i] with { Units = number++ };
            if (places.Count > 0)
                events.Close(places);
        }
    }

    private void AddBlocks(InstanceIndex events)
    {
        var places = new List<BlockPlace>(events.Parts.Open.Length);
        foreach (var chunk in events.Parts.Open)
        {
            var place = chunk.PlaceAt((uint)((_file.End + _length) / 8));
            places.Add(place);
            _chunks.Add(chunk);
            _directory.Add(new DirectoryEntry(
                events.Instance, place.FirstSequence, place.FirstMs, chunk.TimeMs(place.NextSequence - 1), place.Units, place.Count, place.EnvelopeBytes, place.Types));
            Add(RecordKind.IndexBlock, events.Instance, place.FirstSequence, place.FirstMs,
                FooterFormat.Bytes<IndexEntry>(chunk.Entries.AsSpan(0, place.Count)));
        }

        // Its newest record is here, and it is no event.
        if (places.Count == 0)
            _directory.Add(new DirectoryEntry(events.Instance, events.Last, events.AssignedMs, events.AssignedMs, 0, 0, 0, 0));
        _closing.Add((events, places));
    }

    private void AddDirectory()
    {
        var bytes = new byte[_directory.Count * FooterFormat.DirectoryEntryLength];
        for (var i = 0; i < _directory.Count; i++)
            _directory[i].Write(bytes.AsSpan(i * FooterFormat.DirectoryEntryLength));
        AddTable<byte>(RecordKind.Directory, bytes, FooterFormat.InstancesInRecord * FooterFormat.DirectoryEntryLength);
    }

    private void AddTable<T>(RecordKind kind, ReadOnlySpan<T> entries, int mostInRecord)
        where T : unmanaged
    {
        for (; entries.Length > 0; entries = entries[Math.Min(mostInRecord, entries.Length)..])
            Add(kind, default, 0, 0, FooterFormat.Bytes(entries[..Math.Min(mostInRecord, entries.Length)]));
    }

    private void Add(RecordKind kind, InstanceId instance, long sequence, long timeMs, ReadOnlySpan<byte> body)
    {
        var header = new RecordHeader(
            RecordFormat.HeaderLength + body.Length, kind, MoreFollows: false, 0, (uint)(_file.End / 8), _file.Generation, _file.LastGroup,
            sequence, timeMs, 0, body.Length, 0);
        if (_length + header.PaddedLength > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + header.PaddedLength));
        RecordFormat.Write(_bytes.AsSpan(_length), header, instance, body, []);
        _length += header.PaddedLength;
    }
}
