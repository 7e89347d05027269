using System.Threading.Channels;

namespace VZaps.Gateway.Log.Segments;

/// <summary>
/// The one writer: what has gathered while the disk was busy is its next group. One write and one flush a group, no timer.
/// Runs on a thread of its own, because a flush blocks.
/// </summary>
internal sealed partial class SegmentWriter
{
    /// <summary>Requests that may wait; publishers beyond them wait for a place.</summary>
    public const int MaxQueued = 4_096;

    /// <summary>Bytes of records after which a group takes no further request.</summary>
    public const int MaxGroupBytes = 4 << 20;

    private readonly Channel<AppendRequest> _queue = Channel.CreateBounded<AppendRequest>(new BoundedChannelOptions(MaxQueued) { SingleReader = true });
    private readonly List<AppendRequest> _group = [];
    private readonly GroupKeys _keys;
    private readonly SegmentStore _store;
    private readonly SegmentIndex _index;
    private readonly SegmentRetention _retention;
    private readonly LogOptions _options;
    private readonly ICommitListener _listener;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _buffer = new byte[256 * 1024];
    private int _length;
    private long _groupNumber;
    private volatile string? _unwritable;

    public SegmentWriter(
        SegmentStore store, SegmentIndex index, KeyTable keys, KeyHash hash, long lastGroup, long maxBytes,
        LogOptions options, ICommitListener listener, TimeProvider time, ILogger logger)
    {
        (_store, _index, _groupNumber) = (store, index, lastGroup);
        (_options, _listener, _time, _logger) = (options, listener, time, logger);
        _keys = new GroupKeys(keys, hash, store.Seed);
        _retention = new SegmentRetention(store, index, keys, options, maxBytes, time, logger);
        _thread = new Thread(Run) { IsBackground = true, Name = "VZaps log writer" };
    }

    /// <summary>Why nothing is written any more; null while it is.</summary>
    public string? Unwritable => _unwritable;

    public void Start() => _thread.Start();

    public ValueTask EnqueueAsync(AppendRequest request, CancellationToken cancellationToken) => _queue.Writer.WriteAsync(request, cancellationToken);

    /// <summary>Asks for a trim; does nothing where the queue is full, as a busy log trims with each new file.</summary>
    public void RequestTrim() => _queue.Writer.TryWrite(new AppendRequest(default, []));

    /// <summary>Writes what is queued, and ends.</summary>
    public async Task StopAsync()
    {
        _queue.Writer.TryComplete();
        await _ended.Task;
    }

    private void Run()
    {
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (_queue.Reader.TryRead(out var request))
            {
                Take(request);
                if (_length >= MaxGroupBytes)
                    Commit();
            }

            Commit();
        }

        _ended.SetResult();
    }

    private void Take(AppendRequest request)
    {
        try
        {
            if (_unwritable is { } reason)
                throw new EventLogUnavailableException(reason);
            if (request.IsTrim)
                Trim(request);
            else
            {
                MakeRoom(request.MaxBytes);
                Encode(request);
            }
        }
        catch (Exception failure)
        {
            request.Fail(failure);
        }
    }

    private void Trim(AppendRequest request)
    {
        Commit();
        if (_retention.ShouldCloseCurrent())
            _store.CloseCurrent();
        DropOldest(_retention.Expired());
        request.Complete();
    }

    /// <summary>A request's records stand together in one file.</summary>
    /// <exception cref="EventLogFullException">There is no room for the next file.</exception>
    private void MakeRoom(long bytes)
    {
        if (_store.HasRoom(_length + bytes))
            return;
        Commit();
        if (_unwritable is { } reason)
            throw new EventLogUnavailableException(reason);
        try
        {
            _store.CloseCurrent();
        }
        catch (Exception failure)
        {
            throw StopWriting(failure);
        }

        if (_options.WhenFull == LogFullPolicy.Refuse && _retention.OverBytes() is { Count: > 0 } && _retention.Expired().Count == 0)
            throw new EventLogFullException("The log holds all that Log:RetentionBytes allows, and Log:WhenFull is Refuse. Raise the limit, or wait until Log:RetentionAge makes room.");
        CreateNext();
        DropOldest(_options.WhenFull == LogFullPolicy.Refuse ? _retention.Expired() : _retention.ToDrop());
        if (_unwritable is { } stopped)
            throw new EventLogUnavailableException(stopped);
    }

    private void CreateNext()
    {
        try
        {
            _store.CreateNext();
        }
        catch (IOException noRoom)
        {
            LogNoRoom(_logger, noRoom);
            throw new EventLogFullException("There is no room on the disk for the log's next file. Nothing was stored; it is tried again with each publish.", noRoom);
        }
    }

    /// <summary>Lets files go; before that, what must outlive them is written.</summary>
    private void DropOldest(IReadOnlyList<SegmentFile> files)
    {
        foreach (var file in files)
        {
            var marks = _retention.MarksFor(file);
            if (_store.Current is null && marks.Count > 0)
                CreateNext();
            foreach (var mark in marks)
            {
                if (!_store.HasRoom(_length + RecordFormat.HeaderLength))
                    return; // this file goes with the next one's beginning
                Append(new RecordHeader(RecordFormat.HeaderLength, RecordKind.Mark, MoreFollows: false, 0, GroupStart, _store.Current!.Generation,
                    _groupNumber + 1, mark.AssignedSequence, mark.AssignedMs, 0, 0, 0), mark.Instance, [], []);
            }

            Commit();
            if (_unwritable is not null)
                return;
            foreach (var mark in marks)
                mark.NewestFile = _store.Current;
            try
            {
                _retention.Drop(file);
            }
            catch (IOException failure)
            {
                // It is out of the index; a start finds it again and lets it go then. No reason to refuse a publish.
                LogNotRemoved(_logger, failure, file.Name);
            }
        }
    }

    private uint GroupStart => (uint)(_store.Current!.End / 8);

    private void Encode(AppendRequest request)
    {
        var events = _index.Get(request.Instance);
        var nowMs = Math.Max(_time.GetUtcNow().ToUnixTimeMilliseconds(), events.AssignedMs);
        var newDrafts = new List<(int Index, ulong Hash)>(request.Drafts.Count);
        for (var i = 0; i < request.Drafts.Count; i++)
        {
            var key = request.Drafts[i].IdempotencyKey;
            ulong hash = 0;
            if (!key.IsEmpty && _keys.TryFind(request.Instance, key, out hash, out request.Positions[i]))
            {
                request.Duplicates.Add(i);
                continue;
            }

            events.AssignedSequence++;
            events.AssignedMs = nowMs;
            request.Positions[i] = EventPosition.Create(request.Instance, nowMs, events.AssignedSequence);
            if (!key.IsEmpty)
                _keys.AddPending(hash, request.Instance, key, request.Positions[i]);
            newDrafts.Add((i, hash));
        }

        for (var n = 0; n < newDrafts.Count; n++)
        {
            var (i, hash) = newDrafts[n];
            var (draft, position) = (request.Drafts[i], request.Positions[i]);
            EnvelopeWriter.FillId(draft.Utf8.Span, position);
            request.Records.Add(new NewRecord(draft, position, nowMs, _store.Current!.End + _length, hash));
            var header = new RecordHeader(
                RecordFormat.HeaderLength + draft.Utf8.Length + draft.IdempotencyKey.Length, RecordKind.Event, n < newDrafts.Count - 1,
                (byte)draft.Type.Index, GroupStart, _store.Current.Generation, _groupNumber + 1, position.Sequence, nowMs, hash,
                draft.Utf8.Length, draft.IdempotencyKey.Length);
            Append(header, request.Instance, draft.Utf8.Span, draft.IdempotencyKey.Span);
        }

        _group.Add(request);
    }

    private void Append(in RecordHeader header, InstanceId instance, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> key)
    {
        if (_length + header.PaddedLength > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + header.PaddedLength));
        RecordFormat.Write(_buffer.AsSpan(_length), header, instance, envelope, key);
        _length += header.PaddedLength;
    }

    /// <summary>Writes and flushes the group; answers or fails each of its publishers.</summary>
    private void Commit()
    {
        if (_group.Count == 0 && _length == 0)
            return;
        try
        {
            if (_length > 0)
            {
                var current = _store.Current!;
                current.Io.Write(_buffer.AsSpan(0, _length), current.End);
                current.Io.Flush();
                current.End += _length;
                current.Saw(_time.GetUtcNow().ToUnixTimeMilliseconds());
                _groupNumber++;
            }

            // Everybody is told after the flush, never before: an event that was seen and then lost in a crash would be one
            // that the log denies. Readers first, as it is their latency that this thread can still shorten.
            foreach (var request in _group)
                Publish(request);
        }
        catch (Exception failure)
        {
            var unavailable = StopWriting(failure);
            foreach (var request in _group)
                request.Fail(unavailable);
        }

        _group.Clear();
        _keys.ClearPending();
        _length = 0;
    }

    private void Publish(AppendRequest request)
    {
        if (request.Records.Count > 0)
        {
            var events = _index.Get(request.Instance);
            var envelopes = new Envelope[request.Records.Count];
            for (var i = 0; i < envelopes.Length; i++)
            {
                var record = request.Records[i];
                var typeIndex = (byte)record.Draft.Type.Index;
                events.Add(_store.Current!, record.Position.Sequence, record.TimeMs, record.Offset, record.Draft.Utf8.Length, typeIndex);
                if (!record.Draft.IdempotencyKey.IsEmpty)
                    _keys.Add(record.KeyHash, new KeyPlace(_store.Current!, record.Offset));
                envelopes[i] = new Envelope(record.Position, typeIndex, record.Draft.Utf8);
            }

            events.TrimToBytes(_options.InstanceRetentionBytes);
            _listener.OnCommitted(request.Instance, envelopes);
        }

        request.Complete();
    }

    /// <summary>After a failed write or flush nobody knows what the disk holds: nothing is written any more, and never again is that file flushed and believed.</summary>
    private EventLogUnavailableException StopWriting(Exception failure)
    {
        _unwritable ??= $"A write to the log failed ({failure.Message}), so it is not known what the disk holds. Nothing is written until the gateway is started again; reading goes on.";
        LogStopped(_logger, failure);
        return new EventLogUnavailableException(_unwritable, failure);
    }

    [LoggerMessage(2011, LogLevel.Error, "A write to the log failed. Publishes are refused until the gateway is started again; look at the disk first.")]
    private static partial void LogStopped(ILogger logger, Exception failure);

    [LoggerMessage(2013, LogLevel.Warning, "Retention could not remove {File}; the next start tries again.")]
    private static partial void LogNotRemoved(ILogger logger, Exception failure, string file);

    [LoggerMessage(2012, LogLevel.Error, "There is no room for the log's next file. Publishes are refused until there is; make room on the disk, or lower Log:RetentionBytes.")]
    private static partial void LogNoRoom(ILogger logger, Exception failure);
}
