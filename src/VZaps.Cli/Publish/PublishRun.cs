using System.Text.Json;

namespace VZaps.Cli.Publish;

/// <summary>Publishes batch after batch and tells what became of them. It stops at the first that fails: what is before it is stored, nothing from it on.</summary>
/// <param name="publisher">Sends a batch.</param>
/// <param name="output">Where the ids go.</param>
/// <param name="errors">Where the failure goes.</param>
/// <param name="asJson">Whether an id comes with its line and whether it was there already.</param>
internal sealed class PublishRun(BatchPublisher publisher, TextWriter output, TextWriter errors, bool asJson)
{
    private long _stored;

    /// <summary>Publishes all of it; the result is the exit code.</summary>
    public async Task<int> RunAsync(IAsyncEnumerable<EventBatch> batches, CancellationToken stopping)
    {
        try
        {
            await foreach (var batch in batches.WithCancellation(stopping))
            {
                if (await PublishAsync(batch, stopping) is not ExitCode.Success and var failed)
                    return failed;
            }

            return ExitCode.Success;
        }
        catch (BadLineException bad)
        {
            await FailAsync(bad.Message);
            return ExitCode.Failure;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await FailAsync("Interrupted.");
            return ExitCode.Interrupted;
        }
    }

    private async Task<int> PublishAsync(EventBatch batch, CancellationToken stopping)
    {
        // One read can bring many batches, and an enumerator that has them at hand does not look.
        stopping.ThrowIfCancellationRequested();
        try
        {
            await AcceptAsync(batch, await publisher.PublishAsync(batch, stopping));
            return ExitCode.Success;
        }
        catch (PublishFailedException refused) when (refused is { Outcome: PublishOutcome.Refused, Index: > 0 } && refused.Index < batch.Count)
        {
            // The gateway takes all of a request or nothing. Which lines happened to go together is this tool's doing, so it ends where the input goes wrong.
            var before = await PublishAsync(batch.Before(refused.Index.Value), stopping);
            return before == ExitCode.Success ? await ReportAsync(batch, refused) : before;
        }
        catch (PublishFailedException failed)
        {
            return await ReportAsync(batch, failed);
        }
    }

    private async Task AcceptAsync(EventBatch batch, PublishResult result)
    {
        for (var i = 0; i < result.Ids.Count; i++)
        {
            await output.WriteLineAsync(asJson
                ? JsonSerializer.Serialize(new PublishedLine(batch.LineOf(i), result.Ids[i], result.Duplicates.Contains(i)), PublishJson.Default.PublishedLine)
                : result.Ids[i]);
        }

        await output.FlushAsync(CancellationToken.None);
        _stored += result.Ids.Count;
    }

    private async Task<int> ReportAsync(EventBatch batch, PublishFailedException failed)
    {
        var place = failed.Index is { } index && index < batch.Count ? $"line {batch.LineOf(index)}"
            : batch.Count == 1 ? $"line {batch.FirstLine}"
            : $"lines {batch.FirstLine} to {batch.LastLine}";
        if (failed.Outcome != PublishOutcome.Unknown)
        {
            await FailAsync($"{place}: {failed.Message}");
            return ExitCode.Failure;
        }

        await FailAsync($"{place}: {failed.Message} It is not known whether they were stored. "
            + (batch.IsKeyed
                ? "Send them again with the same idempotency keys: none is stored twice."
                : "Not all of them have an idempotency_key, so sending them again may store them twice: look at the log first ('vzaps tail --from')."));
        return ExitCode.Unknown;
    }

    private Task FailAsync(string what) =>
        errors.WriteLineAsync(Screen.PlainText.OneLine($"{what} {_stored} event(s) were stored before."));
}
