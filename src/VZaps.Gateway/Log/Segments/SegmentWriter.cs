using System.Threading.Channels;

namespace VZaps.Gateway.Log.Segments;

/// <summary>
/// The one writer: what has gathered while the disk was busy is its next group. One write and one flush a group, no timer.
/// Runs on a thread of its own, because a flush blocks.
/// </summary>
internal sealed class SegmentWriter
{
    /// <summary>Requests that may wait; publishers beyond them wait for a place.</summary>
    public const int MaxQueued = 4_096;

    /// <summary>Bytes of records after which a group takes no further request.</summary>
    public const int MaxGroupBytes = 4 << 20;

    private readonly Channel<AppendRequest> _queue = Channel.CreateBounded<AppendRequest>(new BoundedChannelOptions(MaxQueued) { SingleReader = true });
    private readonly List<AppendRequest> _group = [];
    private readonly List<AppendRequest> _trims = [];
    private readonly List<(int Index, ulong Hash)> _newDrafts = []; // of the request that is encoded
    private Envelope[] _envelopes = new Envelope[16]; // of the request that is published
    private readonly RecordGroup _records;
    private readonly Writability _writability;
    private readonly SegmentRoll _roll;
    private readonly GroupKeys _keys;
    private readonly SegmentStore _store;
    private readonly SegmentIndex _index;
    private readonly SegmentRetention _retention;
    private readonly LeavingDirectory _leavingDirectory;
    private readonly SegmentRemoval _removal;
    private readonly KeyFiles _keyFiles;
    private readonly LogOptions _options;
    private readonly ICommitListener _listener;
    private readonly TimeProvider _time;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SegmentWriter(
        SegmentStore store, SegmentIndex index, KeyTable keys, KeyFiles keyFiles, KeyHash hash, long lastGroup, long maxBytes,
        LogOptions options, ICommitListener listener, DamageReports damage, TimeProvider time, ILogger logger)
    {
        (_store, _index) = (store, index);
        (_options, _listener, _time) = (options, listener, time);
        _writability = new Writability(logger);
        _records = new RecordGroup(store, _writability, time, lastGroup);
        _keys = new GroupKeys(keys, hash, store.Seed, damage);
        _keyFiles = keyFiles;
        _leavingDirectory = new LeavingDirectory(index) { Wake = Wake };
        _removal = new SegmentRemoval(store, keyFiles, _writability, logger) { Wake = Wake };
        _retention = new SegmentRetention(store, index, _removal, options, maxBytes, time, logger);
        _roll = new SegmentRoll(store, _records, _retention, _leavingDirectory, _removal, _writability, options, Commit);
        _thread = new Thread(Run) { IsBackground = true, Name = "VZaps log writer" };
    }

    /// <inheritdoc cref="Writability.Reason"/>
    public string? Unwritable => _writability.Reason;

    /// <inheritdoc cref="SegmentRemoval.Bytes"/>
    public long LeavingBytes => _removal.Bytes;

    /// <inheritdoc cref="Writability.Stopped"/>
    public string? Stopped => _writability.Stopped;

    public void Start() => _thread.Start();

    /// <summary>Takes a request if there is a place; false where the queue is full, or closed.</summary>
    public bool TryEnqueue(AppendRequest request) => _queue.Writer.TryWrite(request);

    public ValueTask EnqueueAsync(AppendRequest request, CancellationToken cancellationToken) => _queue.Writer.WriteAsync(request, cancellationToken);

    /// <summary>Asks for a trim; does nothing where the queue is full, as a busy log trims with each new file.</summary>
    public void RequestTrim() => _queue.Writer.TryWrite(new AppendRequest(default, []));

    /// <summary>Writes what is queued, and ends.</summary>
    public async Task StopAsync()
    {
        _queue.Writer.TryComplete();
        await _ended.Task;
    }

    // Where the queue is full, there is no need to be woken.
    private void Wake() => _queue.Writer.TryWrite(AppendRequest.Step);

    private void Run()
    {
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            do
            {
                Drain();
            }
            while (_removal.Step());
            GoOnTrimming();
        }

        _leavingDirectory.Stop();
        _removal.Stop();
        _trims.ForEach(request => request.Complete());
        _ended.SetResult();
    }

    private void Drain()
    {
        while (_queue.Reader.TryRead(out var request))
        {
            Take(request);
            if (_records.Length < MaxGroupBytes)
                continue;
            Commit();
            _removal.Step();
        }

        Commit();
    }

    private void Take(AppendRequest request)
    {
        if (request == AppendRequest.Step)
            return;
        try
        {
            if (_writability.Stopped is { } reason)
                throw new EventLogUnavailableException(reason);
            if (request.IsTrim)
                Trim(request);
            else
            {
                _roll.MakeRoom(request.MaxBytes);
                Encode(request);
            }
        }
        catch (IOException unreadable)
        {
            request.Fail(new EventLogUnavailableException($"The log could not be read ({unreadable.Message}). Nothing was stored; send it again.", unreadable));
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
            _roll.CloseCurrent();
        _removal.TryAgain();
        _keyFiles.DropExpired();
        _trims.Add(request);
        GoOnTrimming();
    }

    /// <summary>Lets files go that are too old, as many at once as may be; the others when those have gone.</summary>
    private void GoOnTrimming()
    {
        if (_trims.Count == 0)
            return;
        try
        {
            // Marks would be written over what the failed flush left.
            if (_writability.Stopped is { } reason)
                throw new EventLogUnavailableException(reason);
            DropExpired();
            if (_writability.IsFull)
                LookForRoom();
            if (_leavingDirectory.IsRebuilding || (_retention.Expired().Count > 0 && _removal.FreePlaces == 0 && !_removal.IsBlocked))
                return;
            _trims.ForEach(request => _removal.WhenDone(request.Complete));
        }
        catch (Exception failure)
        {
            _trims.ForEach(request => request.Fail(failure));
        }

        _trims.Clear();
    }

    private void DropExpired()
    {
        for (var expired = _retention.Expired(); expired.Count > 0 && _writability.Stopped is null && (_removal.FreePlaces > 0 || _removal.IsBlocked);)
        {
            // What cannot be taken off the disk goes all the same for those who read.
            _roll.DropOldest(_removal.IsBlocked ? expired : [.. expired.Take(_removal.FreePlaces)]);
            var rest = _retention.Expired();
            if (rest.Count == expired.Count)
                return; // marks could not be written
            expired = rest;
        }
    }

    /// <summary>Where nobody publishes any more, because the gateway says that it is not ready, no publish could find that it is again.</summary>
    private void LookForRoom()
    {
        try
        {
            _roll.MakeRoom(RecordFormat.HeaderLength);
            _writability.HasRoom();
        }
        catch (EventLogFullException)
        {
            // Still none.
        }
    }

    private void Encode(AppendRequest request)
    {
        var events = _index.Get(request.Instance);
        var nowMs = Math.Max(_time.GetUtcNow().ToUnixTimeMilliseconds(), events.AssignedMs);
        var assigned = events.AssignedSequence;
        try
        {
            Assign(request, events, nowMs);
        }
        catch
        {
            // The record of a key could not be read. Nothing of the request is kept, so neither may be what it was given.
            events.AssignedSequence = assigned;
            _keys.RemovePending(request.Instance, assigned);
            throw;
        }

        for (var n = 0; n < _newDrafts.Count; n++)
        {
            var (i, hash) = _newDrafts[n];
            var (draft, position) = (request.Drafts[i], request.Positions[i]);
            EnvelopeWriter.FillId(draft.Utf8.Span, position);
            var record = new NewRecord(draft, position, nowMs, _records.NextOffset, hash);
            request.Records.Add(record);
            _records.AddEvent(request.Instance, draft, record, moreFollows: n < _newDrafts.Count - 1);
        }

        ReserveFooter(events, _newDrafts.Count);

        _group.Add(request);
    }

    private void ReserveFooter(InstanceIndex events, int newEvents)
    {
        var current = _store.Current!;
        current.FooterBytes += newEvents * FooterFormat.MostOfEvent;
        if (events.FooterFile == current)
            return;
        current.FooterBytes += FooterFormat.MostOfInstance;
        events.FooterFile = current;
    }

    /// <summary>Gives the drafts their positions, and says which are new.</summary>
    private void Assign(AppendRequest request, InstanceIndex events, long nowMs)
    {
        _newDrafts.Clear();
        for (var i = 0; i < request.Drafts.Count; i++)
        {
            var key = request.Drafts[i].IdempotencyKey;
            ulong hash = 0;
            if (!key.IsEmpty && _keys.TryFind(request.Instance, key, out hash, out request.Positions[i]))
            {
                request.AddDuplicate(i);
                continue;
            }

            events.AssignedSequence++;
            events.AssignedMs = nowMs;
            request.Positions[i] = EventPosition.Create(request.Instance, nowMs, events.AssignedSequence);
            if (!key.IsEmpty)
                _keys.AddPending(hash, request.Instance, key, request.Positions[i]);
            _newDrafts.Add((i, hash));
        }
    }

    /// <summary>Writes and flushes the group; answers or fails each of its publishers.</summary>
    /// <returns>Whether all that was to be written is durable.</returns>
    private bool Commit()
    {
        if (_group.Count == 0 && _records.Length == 0)
            return true;
        var failure = _records.Write();
        if (failure is null)
            failure = PublishAll();
        else if (_writability.Stopped is null)
            TakeBackAssigned();
        if (failure is not null)
            _group.ForEach(request => request.Fail(failure));
        _group.Clear();
        _keys.ClearPending();
        return failure is null;
    }

    private EventLogUnavailableException? PublishAll()
    {
        try
        {
            // Everybody is told after the flush, never before: an event that was seen and then lost in a crash would be one
            // that the log denies. Readers first, as it is their latency that this thread can still shorten.
            foreach (var request in _group)
                Publish(request);
            return null;
        }
        catch (Exception bug)
        {
            return _writability.Stop(bug);
        }
    }

    private void TakeBackAssigned()
    {
        foreach (var request in _group)
            _index.Get(request.Instance).TakeBackAssigned();
    }

    private void Publish(AppendRequest request)
    {
        if (request.Records.Count > 0)
        {
            var events = _index.Get(request.Instance);
            var count = request.Records.Count;
            if (_envelopes.Length < count)
                _envelopes = new Envelope[count];
            for (var i = 0; i < count; i++)
            {
                var record = request.Records[i];
                var typeIndex = (byte)record.Draft.Type.Index;
                events.Add(_store.Current!, record.Position.Sequence, record.TimeMs, record.Offset, record.Draft.Utf8.Length, typeIndex);
                if (!record.Draft.IdempotencyKey.IsEmpty)
                    _keys.Add(record.KeyHash, _store.Current!, record.Offset);
                _envelopes[i] = new Envelope(record.Position, typeIndex, record.Draft.Utf8);
            }

            events.TrimToBytes(_options.InstanceRetentionBytes);
            _listener.OnCommitted(request.Instance, _envelopes.AsSpan(0, count));
            Array.Clear(_envelopes, 0, count); // or their bytes would stay in memory
        }

        request.Complete();
    }
}
