using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.InteropServices;

namespace VZaps.Gateway.Log.Segments;

/// <summary>
/// Enters the keys of a start into the table, on a thread a core, each with shards of its own, while the start reads on: at tens of millions of keys
/// that is most of its time. Until <see cref="Finish"/> nobody else may ask the table.
/// </summary>
internal sealed class KeyLoading : IDisposable
{
    // Files whose keys wait: some 700 KB each.
    private const int MaxWaiting = 8;
    private const int MaxThreads = 8;

    private const int LookAtThreadsMs = 100;

    // Room is made by a guess, that all files have as many keys as the first: no guess takes more of the memory than this.
    private const int ShareOfMemory = 8;
    private const int MostBytesOfKey = 20;

    /// <summary>Files with fewer keys are entered in less time than it takes to wake a thread for them.</summary>
    public const int LeastKeys = 10_000;

    private readonly KeyTable _table;
    private readonly int _threadBits = BitOperations.Log2((uint)Math.Min(Environment.ProcessorCount, MaxThreads));
    private BlockingCollection<(SegmentFile File, IReadOnlyList<ReadOnlyMemory<byte>> Keys)>[] _waiting = [];
    private Task[] _threads = [];

    public KeyLoading(KeyTable table) => _table = table;

    /// <summary>How many files there are, as far as is known: the room for their keys is made after the first.</summary>
    public int Files { get; set; }

    /// <summary>Takes the keys of a file.</summary>
    public void Add(SegmentFile file, List<KeyEntry> keys) =>
        Add(file, keys.Count == 0 ? [] : [FooterFormat.Bytes<KeyEntry>(CollectionsMarshal.AsSpan(keys)).ToArray()]);

    /// <summary>Takes the keys of a file, as <see cref="KeyEntry"/>s; the memory must not change any more.</summary>
    public void Add(SegmentFile file, IReadOnlyList<ReadOnlyMemory<byte>> keys)
    {
        _table.Attach(file);
        var count = keys.Sum(part => part.Length / FooterFormat.EntryLength);
        if (_threads.Length == 0 && count >= LeastKeys)
            Start(Math.Min((long)count * Files, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / ShareOfMemory / MostBytesOfKey));
        foreach (var waiting in _waiting)
        {
            // A thread that has failed takes nothing any more.
            while (!waiting.TryAdd((file, keys), LookAtThreadsMs))
                Task.WaitAll([.. _threads.Where(thread => thread.IsFaulted)]);
        }

        if (_threads.Length == 0)
            Enter(file, keys, thread: 0, threadBits: 0);
    }

    /// <summary>Waits until all keys are in the table.</summary>
    public void Finish()
    {
        Array.ForEach(_waiting, waiting => waiting.CompleteAdding());
        Task.WaitAll(_threads);
        if (_threads.Length > 0)
            _table.Fit();
    }

    /// <summary>Ends the threads; of a start that was refused, nobody asks what they came to.</summary>
    public void Dispose()
    {
        Array.ForEach(_waiting, waiting => waiting.CompleteAdding());
        try
        {
            Task.WaitAll(_threads);
        }
        catch (AggregateException)
        {
            // Who finished or added has been told; else the start was refused for another reason, which must not be hidden.
        }

        Array.ForEach(_waiting, waiting => waiting.Dispose());
    }

    private void Start(long expected)
    {
        _table.Reserve(expected);
        _waiting = [.. Enumerable.Range(0, 1 << _threadBits).Select(_ => new BlockingCollection<(SegmentFile, IReadOnlyList<ReadOnlyMemory<byte>>)>(MaxWaiting))];
        _threads = [.. Enumerable.Range(0, _waiting.Length).Select(n =>
            Task.Factory.StartNew(() => Run(n), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
    }

    private void Run(int thread)
    {
        foreach (var (file, keys) in _waiting[thread].GetConsumingEnumerable())
            Enter(file, keys, thread, _threadBits);
    }

    private void Enter(SegmentFile file, IReadOnlyList<ReadOnlyMemory<byte>> keys, int thread, int threadBits)
    {
        foreach (var part in keys)
        {
            foreach (var key in FooterFormat.Entries<KeyEntry>(part.Span))
            {
                // The shards go by the highest bits, and so do the threads.
                if ((int)(key.Hash >> 32 >> (32 - threadBits)) == thread)
                    _table.Add(key.Hash, file, key.OffsetUnits);
            }
        }
    }
}
