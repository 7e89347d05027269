namespace VZaps.Gateway.Log.Segments;

/// <summary>Reads a closed file's footer: all of it but the index blocks, which are read when they are asked for.</summary>
internal sealed class FooterReader
{
    private readonly List<ReadOnlyMemory<byte>> _pages = [];
    private readonly List<ReadOnlyMemory<byte>> _keys = [];
    private long _directoryStart;

    private FooterReader(Trailer trailer) => Trailer = trailer;

    public Trailer Trailer { get; }

    /// <summary>Reads it; null where the file has none that is sound.</summary>
    /// <exception cref="IOException">The file could not be read.</exception>
    public static FooterReader? TryRead(ILogFile io, uint generation)
    {
        var length = io.Length;
        if (length < FileHeader.Length + FooterFormat.TrailerLength || length % 8 != 0)
            return null;
        var last = new byte[FooterFormat.TrailerLength];
        if (io.Read(last, length - last.Length) != last.Length
            || !RecordFormat.TryRead(last, generation, out var header) || header.Kind != RecordKind.Trailer || header.Length != last.Length)
        {
            return null;
        }

        var trailer = Trailer.Read(RecordFormat.Body(last, header));
        if (trailer.RecordsEnd < FileHeader.Length || trailer.TablesStart < trailer.RecordsEnd || trailer.TablesStart > length - last.Length)
            return null;
        var tables = GC.AllocateUninitializedArray<byte>((int)(length - last.Length - trailer.TablesStart));
        var footer = new FooterReader(trailer);
        return io.Read(tables, trailer.TablesStart) == tables.Length && footer.TryTake(tables, generation) ? footer : null;
    }

    /// <summary>What it says of blocks and marks, in its order.</summary>
    public IEnumerable<DirectoryEntry> Entries()
    {
        foreach (var page in _pages)
        {
            for (var at = 0; at < page.Length; at += FooterFormat.DirectoryEntryLength)
                yield return DirectoryEntry.Read(page.Span[at..]);
        }
    }

    /// <summary>The keys, as <see cref="KeyEntry"/>s, a part at a time.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Keys => _keys;

    /// <summary>The directory as it is found later; one of a file from before it was sorted stays in memory.</summary>
    public FileDirectory ToDirectory(SegmentIndex index)
    {
        var entries = Entries().ToList();
        var isStored = IsInPages(entries);
        if (!isStored)
            entries = [.. entries.OrderBy(entry => entry.Instance).ThenBy(entry => entry.FirstSequence)];
        var builder = new FileDirectory.Builder(index);
        foreach (var entry in entries)
            builder.Add(entry, index.Find(entry.Instance)!);
        return isStored ? builder.Stored(_directoryStart) : builder.Kept(KeptDirectory.Pages(entries), chunks: null);
    }

    private bool IsInPages(List<DirectoryEntry> entries)
    {
        const int full = FooterFormat.EntriesOfPage * FooterFormat.DirectoryEntryLength;
        for (var i = 0; i < _pages.Count; i++)
        {
            if (i < _pages.Count - 1 ? _pages[i].Length != full : _pages[i].Length > full)
                return false;
        }

        for (var i = 1; i < entries.Count; i++)
        {
            var order = entries[i - 1].Instance.CompareTo(entries[i].Instance);
            if (order > 0 || (order == 0 && entries[i - 1].FirstSequence >= entries[i].FirstSequence))
                return false;
        }

        return true;
    }

    private bool TryTake(ReadOnlyMemory<byte> tables, uint generation)
    {
        var start = Trailer.TablesStart;
        while (!tables.IsEmpty)
        {
            if (!RecordFormat.TryRead(tables.Span, generation, out var header) || header.PaddedLength > tables.Length)
                return false;
            var body = tables[RecordFormat.HeaderLength..header.Length];
            if (header.Kind == RecordKind.Keys)
                _keys.Add(body);
            if (header.Kind == RecordKind.Directory)
            {
                _directoryStart = _pages.Count == 0 ? start : _directoryStart;
                _pages.Add(body);
            }

            start += header.PaddedLength;
            tables = tables[header.PaddedLength..];
        }

        return true;
    }
}
