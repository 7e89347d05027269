using VZaps.Gateway.Log;

namespace VZaps.Gateway.Tests.Log;

/// <summary>A log with one page of events of the same bytes, in one pooled buffer.</summary>
internal sealed class PooledPageLog(InstanceId instance, int events, int envelopeBytes = 300) : IEventLog
{
    private byte[] _buffer = [];

    public InstanceId Instance => instance;

    /// <summary>The buffer's, once the page was read.</summary>
    public PageMemory Memory { get; } = new();

    /// <summary>The bytes of each event.</summary>
    public byte[] Bytes { get; } = [(byte)'{', .. Enumerable.Repeat((byte)' ', envelopeBytes - 2), (byte)'}'];

    public string? Unwritable => null;

    long IEventLog.Bytes => 0;

    public long DamagedReads => 0;

    /// <summary>What the next one does who gets the buffer from the pool.</summary>
    public void Overwrite() => _buffer.AsSpan().Fill((byte)'X');

    public ValueTask<LogPage> ReadAsync(
        InstanceId instance, long afterSequence, EventTypeSet types, LogPageLimits limits, CancellationToken cancellationToken)
    {
        var count = (int)Math.Max(0, events - afterSequence);
        if (count == 0)
            return new ValueTask<LogPage>(new LogPage([], afterSequence, afterSequence, ReachedEnd: true));
        _buffer = Memory.Rent(count * Bytes.Length);
        var envelopes = new List<Envelope>();
        for (var i = 0; i < count; i++)
        {
            var place = _buffer.AsMemory(i * Bytes.Length, Bytes.Length);
            Bytes.CopyTo(place);
            envelopes.Add(new Envelope(EventPosition.Create(instance, 0, afterSequence + i + 1), 0, place));
        }

        return new ValueTask<LogPage>(new LogPage(envelopes, afterSequence, events, ReachedEnd: true) { Memory = Memory });
    }

    public LogRange GetRange(InstanceId instance) => new(1, events);

    public long FindSequenceBefore(InstanceId instance, DateTimeOffset time) => throw new NotSupportedException();

    public long Count(InstanceId instance, EventTypeSet types, long afterSequence) => throw new NotSupportedException();

    public EventPosition? FindNext(InstanceId instance, EventTypeSet types, long afterSequence) => throw new NotSupportedException();

    public ValueTask<AppendResult> AppendAsync(InstanceId instance, IReadOnlyList<EventDraft> drafts, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask TrimAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
