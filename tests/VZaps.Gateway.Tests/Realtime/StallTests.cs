using System.IO.Pipelines;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Realtime;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Realtime;

public sealed class StallTests
{
    [Fact]
    public async Task A_reader_that_takes_nothing_is_ended_with_1013_and_costs_another_one_nothing()
    {
        var log = new CapturedLog();
        await using var gateway = await GatewayFixture.StartAsync(
            settings: new() { ["Delivery:StallTimeout"] = "00:00:05", ["Delivery:Window"] = "65536" },
            configure: builder => builder.Logging.AddProvider(log));
        var instance = await gateway.NewInstanceAsync();
        await using var stalled = await TestReader.ConnectAsync(gateway, instance, "&consumer=stalled");
        await using var healthy = await TestReader.ConnectAsync(gateway, instance, "&consumer=healthy");

        // More than the socket buffers of both ends hold.
        for (var request = 0; request < 8; request++)
        {
            var ids = await gateway.PublishAsync(instance, count: 7, bytes: 1_000_000);
            Assert.Equal(ids, await healthy.NextIdsAsync(7));
            foreach (var id in ids)
                await healthy.AckAsync(id);
        }

        Assert.True(await Eventually.HoldsAsync(async () => (await gateway.ConsumerAsync(instance, "stalled")).GetProperty("connections").GetArrayLength() == 0));
        Assert.Contains("with 1013, took nothing from its socket", log.Text, StringComparison.Ordinal);
        // It lost nothing by it.
        Assert.Equal(56, (await gateway.ConsumerAsync(instance, "stalled")).GetProperty("lag").GetInt64());
    }

    [Fact]
    public async Task A_reader_that_takes_a_piece_at_a_time_is_slow_and_does_not_stall()
    {
        var time = new FakeTimeProvider();
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 0, useSynchronizationContext: false));
        await using var stream = new WrittenStream(pipe.Writer.AsStream(), time);
        var writing = stream.WriteAsync(new byte[3 * WrittenStream.PieceBytes]).AsTask();

        for (var piece = 0; piece < 3; piece++)
        {
            time.Advance(TimeSpan.FromSeconds(59));
            Assert.Equal(TimeSpan.FromSeconds(59), stream.WaitingFor);
            var read = await pipe.Reader.ReadAsync(TestContext.Current.CancellationToken);
            Assert.Equal(WrittenStream.PieceBytes, read.Buffer.Length);
            pipe.Reader.AdvanceTo(read.Buffer.End);
            Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(stream.WaitingFor == TimeSpan.Zero)));
        }

        await writing;
    }
}
