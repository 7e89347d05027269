using Microsoft.Extensions.Logging.Abstractions;
using VZaps.Gateway.Log;
using VZaps.Gateway.Log.Segments;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

/// <summary>The seam between the files and the feed, hammered: a reader far behind catches up while publishers go on.</summary>
public sealed class SeamTests
{
    private const int Runs = 200;
    private const int StoredBefore = 300;
    private const int Publishers = 4;
    private const int EventsPerPublisher = 150;

    [Fact]
    public async Task A_reader_that_catches_up_while_publishers_go_on_sees_every_event_once_and_in_order()
    {
        // A short tail, so that the reader falls out of it and comes back again and again.
        var feeds = new InstanceFeeds(new FeedLimits(MaxEvents: 32, MaxBytes: 1 << 20));
        var folder = Directory.CreateTempSubdirectory("vzaps-seam-");
        await using var log = SegmentLog.Open(new DiskLogFiles(folder.FullName), new LogOptions(), feeds, TimeProvider.System, NullLogger.Instance);
        var readFromLog = 0;
        for (var run = 0; run < Runs; run++)
            readFromLog += await RunAsync(log, feeds, seed: run);
        folder.Delete(recursive: true);

        // Had the feed always been enough, or never, nothing would have been shown.
        Assert.InRange(readFromLog, Runs * StoredBefore, (Runs * (StoredBefore + (Publishers * EventsPerPublisher))) - 1);
    }

    private static async Task<int> RunAsync(IEventLog log, InstanceFeeds feeds, int seed)
    {
        var instance = InstanceId.New();
        for (var i = 0; i < StoredBefore; i += 10)
            await log.AppendAsync(instance, [.. Enumerable.Range(0, 10).Select(_ => Drafts.Of(instance, EventType.Message))], CancellationToken.None);

        var publishing = Task.WhenAll(Enumerable.Range(0, Publishers).Select(publisher => Task.Run(() => PublishAsync(log, instance, seed + publisher))));
        var random = new Random(seed);
        var wake = new WakeSignal();
        var counting = new CountingLog(log);
        using var reader = new EventReader(counting, feeds, instance, wake);
        var expected = 1L;
        while (expected <= StoredBefore + (Publishers * EventsPerPublisher))
        {
            var page = await reader.ReadAsync(expected - 1, EventTypeSet.All, new LogPageLimits(random.Next(1, 60), 1 << 20), CancellationToken.None);
            foreach (var envelope in page.Envelopes)
                Assert.True(envelope.Position.Sequence == expected++, $"run {seed}: {envelope.Position.Sequence} came where {expected - 1} was due");
            Assert.Equal(expected - 1, page.ReadThrough);
            if (page.ReachedEnd && page.Envelopes.Count == 0)
                await wake.WaitAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        }

        await publishing;
        return counting.Read;
    }

    private static async Task PublishAsync(IEventLog log, InstanceId instance, int seed)
    {
        var random = new Random(seed);
        for (var left = EventsPerPublisher; left > 0;)
        {
            var count = Math.Min(left, random.Next(1, 8));
            await log.AppendAsync(instance, [.. Enumerable.Range(0, count).Select(_ => Drafts.Of(instance, EventType.Message))], CancellationToken.None);
            left -= count;
            await Task.Yield();
        }
    }

    /// <summary>Counts the events that the files gave.</summary>
    private sealed class CountingLog(IEventLog inner) : IEventLog
    {
        public int Read { get; private set; }

        public long Bytes => inner.Bytes;

        public string? Unwritable => inner.Unwritable;

        public long DamagedReads => 0;

        public ValueTask<AppendResult> AppendAsync(InstanceId instance, IReadOnlyList<EventDraft> drafts, CancellationToken cancellationToken) =>
            inner.AppendAsync(instance, drafts, cancellationToken);

        public async ValueTask<LogPage> ReadAsync(
            InstanceId instance, long afterSequence, EventTypeSet types, LogPageLimits limits, CancellationToken cancellationToken)
        {
            var page = await inner.ReadAsync(instance, afterSequence, types, limits, cancellationToken);
            Read += page.Envelopes.Count;
            return page;
        }

        public LogRange GetRange(InstanceId instance) => inner.GetRange(instance);

        public long FindSequenceBefore(InstanceId instance, DateTimeOffset time) => inner.FindSequenceBefore(instance, time);

        public long Count(InstanceId instance, EventTypeSet types, long afterSequence) => inner.Count(instance, types, afterSequence);

        public EventPosition? FindNext(InstanceId instance, EventTypeSet types, long afterSequence) => inner.FindNext(instance, types, afterSequence);

        public ValueTask TrimAsync(CancellationToken cancellationToken) => inner.TrimAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
