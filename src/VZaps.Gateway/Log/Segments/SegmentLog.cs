using System.Security.Cryptography;
using System.Threading.Channels;

namespace VZaps.Gateway.Log.Segments;

/// <summary>The embedded log: segment files shared by all instances, an index of each in memory, one writer.</summary>
internal sealed class SegmentLog : IEventLog
{
    private const long MostBytesByDefault = 50L << 30;
    private const double MostOfDiskByDefault = 0.8;
    private const string Stopping = "The gateway is stopping. Nothing was stored; send it again.";
    private static readonly TimeSpan TrimInterval = TimeSpan.FromMinutes(1);

    private readonly SegmentStore _store;
    private readonly SegmentIndex _index;
    private readonly KeyTable _keys;
    private readonly KeyFiles _keyFiles;
    private readonly DamageReports _damage;
    private readonly SegmentReader _reader;
    private readonly SegmentWriter _writer;
    private readonly ITimer _trimming;
    private int _disposed;

    private SegmentLog(SegmentStore store, SegmentIndex index, KeyTable keys, KeyFiles keyFiles, DamageReports damage, SegmentWriter writer, TimeProvider time)
    {
        (_store, _index, _keys, _keyFiles, _damage, _writer, _reader) = (store, index, keys, keyFiles, damage, writer, new SegmentReader(index, damage));
        _writer.Start();
        _trimming = time.CreateTimer(_ => _writer.RequestTrim(), state: null, TrimInterval, TrimInterval);
    }

    public string? Unwritable => _writer.Unwritable;

    /// <summary>Opens the log in a folder, after recovery where it is needed. Blocks on the disk: for the start, on a thread that may.</summary>
    /// <exception cref="EventLogCorruptException">A file is damaged; the message says where, and what can be done.</exception>
    public static SegmentLog Open(
        ILogFiles files, LogOptions options, ICommitListener listener, TimeProvider time, ILogger logger, KeyHash? hash = null)
    {
        var (index, keys) = (new SegmentIndex(new IndexBlocks(logger), new DirectoryPages(logger)), new KeyTable());
        var keyFiles = new KeyFiles(files, keys, time, logger);
        try
        {
            using var loading = new KeyLoading(keys);
            var recovery = new SegmentRecovery(files, index, loading, options.SkipCorruptFiles, logger);
            var (seed, lastNumber) = recovery.Run();
            keyFiles.Open(index.Closed.All, loading);
            loading.Finish();
            keyFiles.DropExpired();
            var store = new SegmentStore(files, index, seed ?? NewSeed(), lastNumber);
            var maxBytes = options.RetentionBytes > 0
                ? options.RetentionBytes
                : Math.Min(MostBytesByDefault, (long)((files.FreeBytes + store.Bytes) * MostOfDiskByDefault));
            foreach (var events in index.All)
                events.TrimToBytes(options.InstanceRetentionBytes);
            var damage = new DamageReports(logger);
            var writer = new SegmentWriter(
                store, index, keys, keyFiles, hash ?? SipKeyHash.Compute, recovery.LastGroup, maxBytes, options, listener, damage, time, logger);
            return new SegmentLog(store, index, keys, keyFiles, damage, writer, time);
        }
        catch
        {
            Array.ForEach(index.Closed.All, file => file.Release());
            keyFiles.Dispose();
            throw;
        }
    }

    public long Bytes => _store.Bytes + _writer.LeavingBytes + _keyFiles.Bytes;

    public long DamagedReads => _damage.Count;

    /// <summary>Bytes of memory that the idempotency keys take; for measuring, while nothing is appended.</summary>
    public long KeyBytes => _keys.Bytes;

    public ValueTask<AppendResult> AppendAsync(InstanceId instance, IReadOnlyList<EventDraft> drafts, CancellationToken cancellationToken)
    {
        DraftRules.Check(drafts);
        if (_writer.Stopped is { } reason)
            throw new EventLogUnavailableException(reason);
        var request = new AppendRequest(instance, drafts);
        if (cancellationToken.CanBeCanceled)
            return AppendAsync(request, cancellationToken);
        // Who cannot give up does not wait for a place: where the disk is that far behind, senders that try again would pile up here.
        return _writer.TryEnqueue(request) ? request.Done : throw new EventLogUnavailableException(Volatile.Read(ref _disposed) != 0
            ? Stopping
            : $"{SegmentWriter.MaxQueued} requests wait for the disk already. Nothing was stored; send it again.");
    }

    private async ValueTask<AppendResult> AppendAsync(AppendRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await _writer.EnqueueAsync(request, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new EventLogUnavailableException(Stopping);
        }

        var done = request.Done.AsTask();
        // A publisher that has gone sees no failure.
        _ = done.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return await done.WaitAsync(cancellationToken);
    }

    public ValueTask<LogPage> ReadAsync(
        InstanceId instance, long afterSequence, EventTypeSet types, LogPageLimits limits, CancellationToken cancellationToken) =>
        _reader.ReadAsync(instance, afterSequence, types, limits, cancellationToken);

    public LogRange GetRange(InstanceId instance) => _index.Find(instance)?.Range ?? new LogRange(1, 0);

    public long FindSequenceBefore(InstanceId instance, DateTimeOffset time) => _index.Find(instance)?.Queries.FindSequenceBefore(time) ?? 0;

    public long Count(InstanceId instance, EventTypeSet types, long afterSequence) => _index.Find(instance)?.Queries.CountAfter(types, afterSequence) ?? 0;

    public EventPosition? FindNext(InstanceId instance, EventTypeSet types, long afterSequence) =>
        _index.Find(instance)?.Queries.FindNext(types, afterSequence) is var (sequence, timeMs) ? EventPosition.Create(instance, timeMs, sequence) : null;

    public async ValueTask TrimAsync(CancellationToken cancellationToken)
    {
        var request = new AppendRequest(default, []);
        await _writer.EnqueueAsync(request, cancellationToken);
        await request.Done.AsTask().WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _trimming.DisposeAsync();
        await _writer.StopAsync();
        _store.Dispose();
        _keyFiles.Dispose();
    }

    private static UInt128 NewSeed() => BitConverter.ToUInt128(RandomNumberGenerator.GetBytes(16));
}
