namespace VZaps.Gateway.Log.Segments;

/// <summary>Makes the directory of a closed file again, out of its records.</summary>
internal static class DirectoryRebuild
{
    /// <exception cref="EventLogDamagedException">The records are not sound either.</exception>
    /// <exception cref="IOException">The file could not be read.</exception>
    public static FileDirectory Run(SegmentIndex index, SegmentFile file)
    {
        var bytes = SegmentScan.ReadAll(file.Io);
        var blocks = new SortedDictionary<InstanceKey, List<IndexChunk>>();
        var found = SegmentScan.Run(bytes, file.Generation, (header, offset) =>
        {
            if (header.Kind != RecordKind.Event)
                return;
            var instance = InstanceKey.Read(RecordFormat.Instance(bytes.AsSpan(offset)));
            if (!blocks.TryGetValue(instance, out var chunks))
                blocks[instance] = chunks = [];
            if (chunks is not [.., var last] || !last.Takes(file, header.Sequence, header.TimeMs))
                chunks.Add(last = new IndexChunk(file, header.Sequence, header.TimeMs));
            last.Add(offset, header.EnvelopeLength, header.TypeIndex, header.TimeMs);
        });
        if (found.End != file.End)
            throw new EventLogDamagedException(file.Name, found.BadAt, "a record is not sound, and neither is the directory");
        return KeptDirectory.Of(index, blocks.SelectMany(block => block.Value.Select(chunk => (index.Find(block.Key)!, chunk))));
    }
}

/// <summary>A directory with its blocks, in memory because the file does not have them.</summary>
internal static class KeptDirectory
{
    /// <param name="index">The index.</param>
    /// <param name="chunks">All blocks of the file, by instance and sequence.</param>
    public static FileDirectory Of(SegmentIndex index, IEnumerable<(InstanceIndex Events, IndexChunk Chunk)> chunks)
    {
        var (builder, entries, kept) = (new FileDirectory.Builder(index), new List<DirectoryEntry>(), new List<IndexChunk>());
        foreach (var (events, chunk) in chunks)
        {
            var entry = DirectoryEntry.Of(events.Key, chunk, (uint)kept.Count);
            builder.Add(entry, events);
            entries.Add(entry);
            kept.Add(chunk);
        }

        return builder.Kept(Pages(entries), kept);
    }

    /// <summary>The entries as they stand on pages.</summary>
    public static List<byte[]> Pages(List<DirectoryEntry> entries)
    {
        var pages = new List<byte[]>();
        foreach (var some in entries.Chunk(FooterFormat.EntriesOfPage))
        {
            var page = new byte[some.Length * FooterFormat.DirectoryEntryLength];
            for (var i = 0; i < some.Length; i++)
                some[i].Write(page.AsSpan(i * FooterFormat.DirectoryEntryLength));
            pages.Add(page);
        }

        return pages;
    }
}
