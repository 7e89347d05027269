using VZaps.Cli.Publish;
using Xunit;

namespace VZaps.Cli.Tests.Publish;

public sealed class PublishRunTests
{
    [Fact]
    public async Task An_interrupt_is_looked_at_before_each_batch_of_what_was_read_already()
    {
        using var stopping = new CancellationTokenSource();
        var sent = 0;
        var publisher = new BatchPublisher(
            (_, _) =>
            {
                sent++;
                stopping.Cancel();
                return Task.FromResult(new PublishResult { Ids = ["evt_1"] });
            },
            TimeSpan.Zero, new Random(1), TextWriter.Null, TimeProvider.System);
        await using var output = new StringWriter();
        await using var errors = new StringWriter();
        var run = new PublishRun(publisher, output, errors, asJson: false);
        Assert.Equal(ExitCode.Interrupted, await run.RunAsync(ThreeBatchesOfOneReadAsync(), stopping.Token));
        Assert.Equal((1, "evt_1"), (sent, output.ToString().Trim()));
        Assert.Contains("1 event(s) were stored before", errors.ToString(), StringComparison.Ordinal);
    }

    private static async IAsyncEnumerable<EventBatch> ThreeBatchesOfOneReadAsync()
    {
        await Task.CompletedTask;
        for (var line = 1; line <= 3; line++)
        {
            var batch = new EventBatch();
            batch.Add(line, "{}"u8, hasKey: true);
            yield return batch;
        }
    }
}
