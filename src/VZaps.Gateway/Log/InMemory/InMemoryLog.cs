using System.Text;

namespace VZaps.Gateway.Log.InMemory;

/// <summary>A log that keeps nothing over a restart: for unit tests, and for trying things out.</summary>
internal sealed class InMemoryLog(ICommitListener listener, TimeProvider time) : IEventLog
{
    private readonly Lock _lock = new();
    private readonly Dictionary<InstanceId, InstanceEvents> _instances = [];

    public string? Unwritable => null;

    public long DamagedReads => 0;

    public long Bytes
    {
        get
        {
            lock (_lock)
                return _instances.Values.Sum(events => events.Envelopes.Sum(envelope => (long)envelope.Utf8.Length));
        }
    }

    public ValueTask<AppendResult> AppendAsync(InstanceId instance, IReadOnlyList<EventDraft> drafts, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_instances.TryGetValue(instance, out var events))
                _instances[instance] = events = new InstanceEvents();
            var added = new List<Envelope>(drafts.Count);
            var positions = new EventPosition[drafts.Count];
            var duplicates = new List<int>();
            for (var i = 0; i < drafts.Count; i++)
            {
                var key = drafts[i].IdempotencyKey.IsEmpty ? null : Encoding.UTF8.GetString(drafts[i].IdempotencyKey.Span);
                if (key is not null && events.Keys.TryGetValue(key, out positions[i]))
                {
                    duplicates.Add(i);
                    continue;
                }

                var envelope = events.Add(instance, drafts[i], time.GetUtcNow().ToUnixTimeMilliseconds());
                positions[i] = envelope.Position;
                if (key is not null)
                    events.Keys.Add(key, envelope.Position);
                added.Add(envelope);
            }

            // Within the lock: listeners are told in log order.
            if (added.Count > 0)
                listener.OnCommitted(instance, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(added));
            return new ValueTask<AppendResult>(new AppendResult(positions, duplicates));
        }
    }

    public ValueTask<LogPage> ReadAsync(
        InstanceId instance, long afterSequence, EventTypeSet types, LogPageLimits limits, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var page = _instances.TryGetValue(instance, out var events)
                ? events.Read(afterSequence, types, limits)
                : new LogPage([], afterSequence, afterSequence, ReachedEnd: true);
            return new ValueTask<LogPage>(page);
        }
    }

    public LogRange GetRange(InstanceId instance)
    {
        lock (_lock)
            return _instances.TryGetValue(instance, out var events) ? new LogRange(1, events.Envelopes.Count) : new LogRange(1, 0);
    }

    public long FindSequenceBefore(InstanceId instance, DateTimeOffset time)
    {
        lock (_lock)
            return _instances.TryGetValue(instance, out var events) ? events.Envelopes.Count(envelope => envelope.Position.AppendedAt < time) : 0;
    }

    public long Count(InstanceId instance, EventTypeSet types, long afterSequence)
    {
        lock (_lock)
            return After(instance, types, afterSequence).LongCount();
    }

    public EventPosition? FindNext(InstanceId instance, EventTypeSet types, long afterSequence)
    {
        lock (_lock)
            return After(instance, types, afterSequence).Select(envelope => (EventPosition?)envelope.Position).FirstOrDefault();
    }

    public ValueTask TrimAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private IEnumerable<Envelope> After(InstanceId instance, EventTypeSet types, long afterSequence) =>
        _instances.TryGetValue(instance, out var events)
            ? events.Envelopes.Skip((int)Math.Min(int.MaxValue, afterSequence)).Where(envelope => types.Contains(envelope.TypeIndex))
            : [];

    private sealed class InstanceEvents
    {
        public List<Envelope> Envelopes { get; } = [];

        public Dictionary<string, EventPosition> Keys { get; } = [];

        public Envelope Add(InstanceId instance, EventDraft draft, long nowMs)
        {
            var last = Envelopes.Count == 0 ? 0 : Envelopes[^1].Position.AppendedAt.ToUnixTimeMilliseconds();
            var position = EventPosition.Create(instance, Math.Max(nowMs, last), Envelopes.Count + 1);
            EnvelopeWriter.FillId(draft.Utf8.Span, position);
            var envelope = new Envelope(position, (byte)draft.Type.Index, draft.Utf8);
            Envelopes.Add(envelope);
            return envelope;
        }

        public LogPage Read(long afterSequence, EventTypeSet types, LogPageLimits limits)
        {
            var page = new List<Envelope>();
            var bytes = 0;
            var readThrough = afterSequence;
            while (readThrough < Envelopes.Count)
            {
                var envelope = Envelopes[(int)readThrough];
                if (types.Contains(envelope.TypeIndex))
                {
                    if (page.Count == limits.MaxEvents || (bytes + envelope.Utf8.Length > limits.MaxBytes && page.Count > 0))
                        break;
                    page.Add(envelope);
                    bytes += envelope.Utf8.Length;
                }

                readThrough++;
            }

            return new LogPage(page, afterSequence, readThrough, readThrough >= Envelopes.Count);
        }
    }
}
