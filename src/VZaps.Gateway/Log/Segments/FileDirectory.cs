namespace VZaps.Gateway.Log.Segments;

/// <summary>
/// What is in memory of a closed file's directory: a bit for each instance that has events in it, and what stands first on each page. The pages
/// are read when they are asked for (<see cref="DirectoryPages"/>), unless the file has none that can be: then they are here, too.
/// </summary>
internal sealed class FileDirectory
{
    public static readonly FileDirectory Empty = new([], 0, [], 0, null, null);

    private readonly ulong[] _instances;
    private readonly Fence[] _fences;
    private readonly long _start;
    private readonly IReadOnlyList<byte[]>? _pages;
    private readonly IReadOnlyList<IndexChunk>? _chunks;

    private FileDirectory(
        ulong[] instances, int entries, Fence[] fences, long start, IReadOnlyList<byte[]>? pages, IReadOnlyList<IndexChunk>? chunks) =>
        (_instances, EntryCount, _fences, _start, _pages, _chunks) = (instances, entries, fences, start, pages, chunks);

    public int PageCount => _fences.Length;

    public int EntryCount { get; }

    /// <summary>Why a directory that is not sound could not be made again; null where nobody has found that. Under the lock of who makes it again.</summary>
    public EventLogDamagedException? Damage { get; set; }

    /// <summary>Bytes of memory, without pages and blocks that could not be stored.</summary>
    public long Bytes => ((long)_instances.Length * sizeof(ulong)) + ((long)_fences.Length * (InstanceKey.Length + sizeof(long)));

    /// <summary>Whether the instance has events in the file.</summary>
    public bool Holds(InstanceIndex events) =>
        events.Ordinal >> 6 < _instances.Length && (_instances[events.Ordinal >> 6] >> (events.Ordinal & 63) & 1) != 0;

    /// <summary>The page on which the block of a sequence is, if there is one; the block behind it may be the first of the next page.</summary>
    public int PageOf(in InstanceKey instance, long sequence)
    {
        var (low, high) = (0, _fences.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_fences[middle].IsAtMost(instance, sequence))
                low = middle + 1;
            else
                high = middle;
        }

        return Math.Max(0, low - 1);
    }

    /// <summary>Whether a page begins with a block of the instance.</summary>
    public bool BeginsWith(int page, in InstanceKey instance) => page < _fences.Length && _fences[page].Instance == instance;

    /// <summary>A page that is in memory; null where it has to be read.</summary>
    public byte[]? PageInMemory(int page) => _pages?[page];

    /// <summary>Where a page is in the file.</summary>
    public (long Offset, int Length) PlaceOf(int page)
    {
        var entries = Math.Min(FooterFormat.EntriesOfPage, EntryCount - (page * FooterFormat.EntriesOfPage));
        return (_start + ((long)page * FooterFormat.PageLength), entries * FooterFormat.DirectoryEntryLength);
    }

    /// <summary>The block that an entry says, which is in memory where the file has no footer.</summary>
    public BlockPlace PlaceOf(SegmentFile file, in DirectoryEntry entry) => new(
        file, entry.FirstSequence, entry.FirstMs, entry.Units, entry.Count, entry.EnvelopeBytes, entry.Types, _chunks?[(int)entry.Units]);

    private readonly record struct Fence(InstanceKey Instance, long Sequence)
    {
        public bool IsAtMost(in InstanceKey instance, long sequence)
        {
            var order = Instance.CompareTo(instance);
            return order < 0 || (order == 0 && Sequence <= sequence);
        }
    }

    /// <summary>Takes the entries in their order, by instance and sequence.</summary>
    public sealed class Builder(SegmentIndex index)
    {
        private readonly List<Fence> _fences = [];
        private ulong[] _instances = [];
        private int _entries;

        public void Add(in DirectoryEntry entry, InstanceIndex events)
        {
            if (_entries++ % FooterFormat.EntriesOfPage == 0)
                _fences.Add(new Fence(events.Key, entry.FirstSequence));
            if (entry.IsMark)
                return;
            if (events.Ordinal >> 6 >= _instances.Length)
                Array.Resize(ref _instances, Math.Max(events.Ordinal >> 6, (index.All.Count - 1) >> 6) + 1);
            _instances[events.Ordinal >> 6] |= 1UL << (events.Ordinal & 63);
        }

        /// <param name="start">Where the first page is in the file.</param>
        public FileDirectory Stored(long start) => new(_instances, _entries, [.. _fences], start, null, null);

        /// <param name="pages">The pages, which the file does not have.</param>
        /// <param name="chunks">The blocks of which the entries have the number; null where the file has them.</param>
        public FileDirectory Kept(IReadOnlyList<byte[]> pages, IReadOnlyList<IndexChunk>? chunks) => new(_instances, _entries, [.. _fences], 0, pages, chunks);
    }
}
