using System.Runtime.InteropServices;

namespace VZaps.Gateway.Log.Segments;

/// <summary>Makes the footer of the file that is being closed out of the index's open chunks.</summary>
internal sealed class FooterWriter
{
    private readonly SegmentFile _file;
    private readonly SegmentIndex? _index;
    private readonly InstanceIndex[] _closing = [];
    private readonly List<DirectoryEntry> _directory = [];
    private readonly FileDirectory.Builder? _builder;
    private readonly long _directoryStart;
    private byte[] _bytes = new byte[64 * 1024];
    private int _length;

    /// <param name="file">The file.</param>
    /// <param name="index">The index; null for a file of keys alone.</param>
    public FooterWriter(SegmentFile file, SegmentIndex? index = null)
    {
        (_file, _index) = (file, index);
        if (index is not null)
        {
            _builder = new FileDirectory.Builder(index);
            _closing = [.. index.All.Where(events => events.NewestFile == file)];
            Array.Sort(Array.ConvertAll(_closing, events => events.Key), _closing);
            foreach (var events in _closing)
                AddBlocks(events);
        }

        var tables = file.End + _length;
        AddTable(RecordKind.Keys, CollectionsMarshal.AsSpan(file.Keys), FooterFormat.KeysInRecord);
        _directoryStart = file.End + _length;
        foreach (var page in KeptDirectory.Pages(_directory))
            Add(RecordKind.Directory, default, 0, 0, page);
        Span<byte> trailer = stackalloc byte[FooterFormat.TrailerLength - RecordFormat.HeaderLength];
        new Trailer(file.End, tables, file.OldestMs, file.NewestMs, file.LastGroup).Write(trailer);
        Add(RecordKind.Trailer, default, 0, 0, trailer);
    }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>Tells the index that the file is closed: with its footer stored, or, where the disk had no room for it, with directory and blocks
    /// kept in memory until the next start tries again.</summary>
    public void Enter(bool isStored)
    {
        _file.Keys = []; // they are in the footer or the records, and in the key table
        _file.Directory = isStored
            ? _builder!.Stored(_directoryStart)
            : KeptDirectory.Of(_index!, _closing.SelectMany(events => events.Open.Select(chunk => (events, chunk))));
        _index!.Closed.Add(_file);
        // After that: whoever finds no chunks finds the file.
        foreach (var events in _closing)
            events.Close();
    }

    private void AddBlocks(InstanceIndex events)
    {
        foreach (var chunk in events.Open)
        {
            var entry = DirectoryEntry.Of(events.Key, chunk, (uint)((_file.End + _length) / 8));
            AddEntry(entry, events);
            Add(RecordKind.IndexBlock, events.Instance, entry.FirstSequence, entry.FirstMs,
                FooterFormat.Bytes<IndexEntry>(chunk.Entries.AsSpan(0, entry.Count)));
        }

        // Its newest record is here, and it is no event.
        if (events.Open.Length == 0)
            AddEntry(new DirectoryEntry(events.Key, events.Last, events.AssignedMs, events.AssignedMs, 0, 0, 0, 0), events);
    }

    private void AddEntry(in DirectoryEntry entry, InstanceIndex events)
    {
        _directory.Add(entry);
        _builder!.Add(entry, events);
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
