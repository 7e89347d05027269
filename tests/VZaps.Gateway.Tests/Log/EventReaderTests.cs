using System.Buffers.Binary;
using VZaps.Gateway.Log;
using VZaps.Gateway.Log.InMemory;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

public sealed class EventReaderTests
{
    private static readonly LogPageLimits Page = new(MaxEvents: 7, MaxBytes: 1 << 20);
    private readonly InstanceId _instance = InstanceId.New();
    private readonly InstanceFeeds _feeds = new(new FeedLimits(MaxEvents: 5, MaxBytes: 1 << 20));

    [Fact]
    public async Task A_reader_that_keeps_up_never_touches_the_log()
    {
        await using var log = new InMemoryLog(_feeds, TimeProvider.System);
        using var reader = new EventReader(new UnreadableLog(log), _feeds, _instance, new WakeSignal());
        await log.AppendAsync(_instance, [Draft(EventType.Message), Draft(EventType.Message)], CancellationToken.None);

        var page = await reader.ReadAsync(0, EventTypeSet.All, Page, CancellationToken.None);

        Assert.Equal([1, 2], page.Envelopes.Select(envelope => envelope.Position.Sequence));
        Assert.True(page.ReachedEnd);
        Assert.Empty((await reader.ReadAsync(2, EventTypeSet.All, Page, CancellationToken.None)).Envelopes);
    }

    [Fact]
    public async Task A_reader_that_is_behind_the_feed_reads_the_log_and_then_the_feed_without_a_seam()
    {
        await using var log = new InMemoryLog(_feeds, TimeProvider.System);
        using var reader = new EventReader(log, _feeds, _instance, new WakeSignal());
        for (var i = 0; i < 40; i++)
            await log.AppendAsync(_instance, [Draft(i % 3 == 0 ? EventType.Presence : EventType.Message)], CancellationToken.None);

        Assert.Equal(Enumerable.Range(1, 40).Select(i => (long)i), await ReadToEndAsync(reader, EventTypeSet.All));
        Assert.Equal(
            Enumerable.Range(0, 40).Where(i => i % 3 == 0).Select(i => i + 1L),
            await ReadToEndAsync(reader, EventTypeSet.Of(EventType.Presence)));
    }

    [Fact]
    public async Task The_feed_goes_with_its_last_reader()
    {
        await using var log = new InMemoryLog(_feeds, TimeProvider.System);
        var wake = new WakeSignal();
        using (new EventReader(log, _feeds, _instance, wake))
            await log.AppendAsync(_instance, [Draft(EventType.Message)], CancellationToken.None);

        var feed = _feeds.Join(_instance, wake);

        Assert.False(feed.TryRead(0, EventTypeSet.All, Page, out _));
    }

    [Fact]
    public void The_tail_is_bounded_in_bytes_but_keeps_the_newest()
    {
        var feed = new InstanceFeed(new FeedLimits(MaxEvents: 100, MaxBytes: 1_000));
        var sequence = 0;
        feed.Publish([Envelope(++sequence, 600), Envelope(++sequence, 600), Envelope(++sequence, 5_000)]);

        Assert.False(feed.TryRead(1, EventTypeSet.All, Page, out _));
        Assert.True(feed.TryRead(2, EventTypeSet.All, Page, out var page));
        Assert.Equal(3, Assert.Single(page.Envelopes).Position.Sequence);
    }

    [Fact]
    public void A_page_of_the_feed_is_bounded_in_bytes_but_has_one_event_at_least()
    {
        var feed = new InstanceFeed(new FeedLimits(MaxEvents: 100, MaxBytes: 1 << 20));
        feed.Publish([Envelope(1, 600), Envelope(2, 600), Envelope(3, 10)]);

        Assert.True(feed.TryRead(0, EventTypeSet.All, new LogPageLimits(10, 100), out var first));
        Assert.Equal((1, 1L, false), (first.Envelopes.Count, first.ReadThrough, first.ReachedEnd));
        Assert.True(feed.TryRead(1, EventTypeSet.All, new LogPageLimits(10, 610), out var rest));
        Assert.Equal((2, 3L, true), (rest.Envelopes.Count, rest.ReadThrough, rest.ReachedEnd));
    }

    private static async Task<List<long>> ReadToEndAsync(EventReader reader, EventTypeSet types)
    {
        var read = new List<long>();
        for (var through = 0L; ;)
        {
            var page = await reader.ReadAsync(through, types, Page, CancellationToken.None);
            read.AddRange(page.Envelopes.Select(envelope => envelope.Position.Sequence));
            through = page.ReadThrough;
            if (page.ReachedEnd)
                return read;
        }
    }

    private Envelope Envelope(long sequence, int bytes)
    {
        var utf8 = new byte[bytes];
        BinaryPrimitives.WriteInt64LittleEndian(utf8, sequence);
        return new Envelope(EventPosition.Create(_instance, 1, sequence), 0, utf8);
    }

    private EventDraft Draft(EventType type) => Drafts.Of(_instance, type);

    private sealed class UnreadableLog(IEventLog inner) : IEventLog
    {
        public long Bytes => inner.Bytes;

        public string? Unwritable => inner.Unwritable;

        public long DamagedReads => 0;

        public ValueTask<AppendResult> AppendAsync(InstanceId instance, IReadOnlyList<EventDraft> drafts, CancellationToken cancellationToken) =>
            inner.AppendAsync(instance, drafts, cancellationToken);

        public ValueTask<LogPage> ReadAsync(
            InstanceId instance, long afterSequence, EventTypeSet types, LogPageLimits limits, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("The log was read.");

        public LogRange GetRange(InstanceId instance) => inner.GetRange(instance);

        public long FindSequenceBefore(InstanceId instance, DateTimeOffset time) => inner.FindSequenceBefore(instance, time);

        public long Count(InstanceId instance, EventTypeSet types, long afterSequence) => inner.Count(instance, types, afterSequence);

        public EventPosition? FindNext(InstanceId instance, EventTypeSet types, long afterSequence) => inner.FindNext(instance, types, afterSequence);

        public ValueTask TrimAsync(CancellationToken cancellationToken) => inner.TrimAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
