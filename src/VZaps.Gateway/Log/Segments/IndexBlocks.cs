using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace VZaps.Gateway.Log.Segments;

/// <summary>Blocks of the index in closed files, through a cache of those that were read last. Thread-safe; no lock is held over I/O.</summary>
internal sealed partial class IndexBlocks(ILogger logger)
{
    /// <summary>Holds the blocks of some 1.4 million events: enough for hundreds of readers that catch up, each at its own place.</summary>
    public const long CacheBytes = 16L << 20;

    private readonly BlockCache<IndexChunk> _cache = new(CacheBytes, static chunk => (long)chunk.Entries.Length * Unsafe.SizeOf<IndexEntry>());

    /// <summary>The block of a place.</summary>
    /// <param name="instance">Whose block it is.</param>
    /// <param name="place">The place.</param>
    /// <param name="isAsync">Whether the read may go on elsewhere; else this is done when it returns.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SegmentGoneException">Its file was dropped.</exception>
    /// <exception cref="IOException">It could not be read.</exception>
    public async ValueTask<IndexChunk> FindAsync(InstanceId instance, BlockPlace place, bool isAsync, CancellationToken cancellationToken)
    {
        if ((place.InMemory ?? _cache.Find(place.File, place.Offset)) is { } chunk)
            return chunk;
        using var held = place.File.Hold();
        var record = new byte[FooterFormat.BlockLength(place.Count)];
        if (isAsync)
            await place.File.Io.ReadAsync(record, place.Offset, cancellationToken);
        else
            place.File.Io.Read(record, place.Offset);
        return Enter(instance, place, record);
    }

    /// <inheritdoc cref="FindAsync"/>
    public IndexChunk Find(InstanceId instance, in BlockPlace place)
    {
        var found = FindAsync(instance, place, isAsync: false, CancellationToken.None);
        return found.IsCompleted ? found.Result : throw new UnreachableException();
    }

    private IndexChunk Enter(InstanceId instance, in BlockPlace place, byte[] record)
    {
        var chunk = RecordFormat.TryRead(record, place.File.Generation, out var header)
            && header.Kind == RecordKind.IndexBlock && header.Length == record.Length && header.Sequence == place.FirstSequence
            ? new IndexChunk(place, FooterFormat.Entries<IndexEntry>(RecordFormat.Body(record, header)).ToArray())
            : Rebuild(instance, place);
        _cache.Add(place.File, place.Offset, chunk);
        return chunk;
    }

    /// <summary>A block that is not sound says nothing that the records do not.</summary>
    private IndexChunk Rebuild(InstanceId instance, in BlockPlace place)
    {
        LogRebuilt(logger, place.File.Name, place.Offset);
        return SegmentScan.FindBlock(instance, place)
            ?? throw new EventLogDamagedException(place.File.Name, place.Offset, "a block of the index is not sound, and neither are the records that it is of");
    }

    [LoggerMessage(2003, LogLevel.Warning, "The index of {File} is damaged at byte {Offset}; it was made again from the records. The disk is not sound: 'log verify' on a stopped gateway says what is.")]
    private static partial void LogRebuilt(ILogger logger, string file, long offset);
}
