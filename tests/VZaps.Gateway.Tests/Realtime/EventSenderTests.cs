using System.Diagnostics.Metrics;
using VZaps.Gateway.Delivery;
using VZaps.Gateway.Log;
using VZaps.Gateway.Realtime;
using VZaps.Gateway.Tests.Log;
using Xunit;

namespace VZaps.Gateway.Tests.Realtime;

public sealed class EventSenderTests
{
    [Theory]
    [InlineData(false, 1, 300)]
    [InlineData(false, 3, 300)]
    [InlineData(false, 1, 70_000)] // too large to be gathered
    [InlineData(true, 1, 300)]
    [InlineData(true, 3, 300)]
    [InlineData(true, 3, 200_000)] // two are too large for a batch
    public async Task The_memory_of_a_page_is_given_back_when_its_frames_were_written_and_not_before(bool isExtended, int events, int envelopeBytes)
    {
        var log = new PooledPageLog(InstanceId.New(), events, envelopeBytes);
        var wake = new WakeSignal();
        using var close = new CloseRequest(wake);
        var written = new List<(bool IsHeld, byte[] Bytes)>();
        await using var stream = new WrittenStream(new WatchedStream(bytes => written.Add((log.Memory.IsHeld, bytes.ToArray()))), TimeProvider.System);
        using IEventFrames frames = isExtended ? new BatchFrames(stream) : new GatheredFrames(stream);
        using var meters = new Meters();
        var metrics = new DeliveryMetrics(meters);
        var start = new ConnectionStart(EventTypeSet.All, new long[EventType.Known.Count], replayThrough: null, consumer: null, withOwed: false);
        var account = new DeliveryAccount(
            Connections.InfoOf(log.Instance, isExtended), consumer: null, start, new DeliveryWindow(1, new DeliverySchedule(TimeSpan.FromSeconds(30), 5), TimeProvider.System, new Random(1)),
            wake, (_, _) => { }, TimeProvider.System);
        using var reader = new EventReader(log, new InstanceFeeds(new FeedLimits(MaxEvents: 5, MaxBytes: 1 << 20)), log.Instance, wake);
        var redelivery = new Redelivery(account, events: null!, store: null!, letters: null!, attachment: null!, metrics);
        var sender = new EventSender(
            reader, start, account, redelivery, frames, new ControlFrames(stream, isExtended, wake, TimeProvider.System), wake, close, metrics, TimeProvider.System)
        {
            OnGap = (_, _) => { }, OnSent = () => { },
        };

        var sending = sender.RunAsync();
        Assert.False(sending.IsCompleted); // all was written at once, and it waits for more
        close.Lost("the test has seen enough");
        await sending;

        Assert.NotEmpty(written);
        Assert.All(written, write => Assert.True(write.IsHeld));
        Assert.Equal(events * envelopeBytes, written.Sum(write => write.Bytes.Count(one => one is (byte)'{' or (byte)' ' or (byte)'}')), tolerance: 30);
        Assert.False(log.Memory.IsHeld);
    }

    private sealed class Meters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }

    private sealed class WatchedStream(Action<ReadOnlyMemory<byte>> written) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            written(buffer);
            return ValueTask.CompletedTask;
        }
    }
}
