namespace VZaps.Gateway.Log.Segments;

/// <summary>Blocks of the index in closed files, through a cache of those that were read last. Thread-safe; no lock is held over I/O.</summary>
internal sealed partial class IndexBlocks(ILogger logger)
{
    /// <summary>Holds the blocks of some 1.4 million events: enough for hundreds of readers that catch up, each at its own place.</summary>
    public const long CacheBytes = 16L << 20;

    private readonly BlockCache _cache = new(CacheBytes);

    /// <summary>The block of a place; null where its file has gone.</summary>
    /// <exception cref="IOException">It could not be read.</exception>
    public IndexChunk? Find(InstanceId instance, in BlockPlace place)
    {
        if (InMemory(place) is { } chunk)
            return chunk;
        if (!place.File.TryAcquire())
            return null;
        try
        {
            var record = new byte[FooterFormat.BlockLength(place.Count)];
            place.File.Io.Read(record, place.Offset);
            return Enter(instance, place, record);
        }
        finally
        {
            place.File.Release();
        }
    }

    /// <inheritdoc cref="Find"/>
    public async ValueTask<IndexChunk?> FindAsync(InstanceId instance, BlockPlace place, CancellationToken cancellationToken)
    {
        if (InMemory(place) is { } chunk)
            return chunk;
        if (!place.File.TryAcquire())
            return null;
        try
        {
            var record = new byte[FooterFormat.BlockLength(place.Count)];
            await place.File.Io.ReadAsync(record, place.Offset, cancellationToken);
            return Enter(instance, place, record);
        }
        finally
        {
            place.File.Release();
        }
    }

    private IndexChunk? InMemory(in BlockPlace place) =>
        place.File.KeptBlocks is { } kept ? kept[(int)place.Units] : _cache.Find(place);

    private IndexChunk Enter(InstanceId instance, in BlockPlace place, byte[] record)
    {
        var chunk = RecordFormat.TryRead(record, place.File.Generation, out var header)
            && header.Kind == RecordKind.IndexBlock && header.Length == record.Length && header.Sequence == place.FirstSequence
            ? new IndexChunk(place, FooterFormat.Entries<IndexEntry>(RecordFormat.Body(record, header)).ToArray())
            : Rebuild(instance, place);
        _cache.Add(place, chunk);
        return chunk;
    }

    /// <summary>A block that is not sound says nothing that the records do not.</summary>
    private IndexChunk Rebuild(InstanceId instance, in BlockPlace place)
    {
        LogRebuilt(logger, place.File.Name, place.Offset);
        return SegmentScan.FindBlock(instance, place)
            ?? throw new IOException($"The index of {place.File.Name} at byte {place.Offset} is damaged, and so are the records that it is of.");
    }

    [LoggerMessage(2003, LogLevel.Warning, "The index of {File} is damaged at byte {Offset}; it was made again from the records. The disk is not sound: 'log verify' on a stopped gateway says what is.")]
    private static partial void LogRebuilt(ILogger logger, string file, long offset);
}
