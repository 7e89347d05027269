namespace VZaps.Cli.Publish;

/// <summary>
/// Sends a batch until it is answered: again after a refusal that may pass, and after a lost answer only where each event has a
/// key by which the gateway knows it again.
/// </summary>
/// <param name="send">Sends a body of lines once.</param>
/// <param name="patience">For how long a batch is tried; zero for once.</param>
/// <param name="random">For the waits.</param>
/// <param name="notes">Where it says that it waits.</param>
/// <param name="time">The clock.</param>
internal sealed class BatchPublisher(
    Func<ReadOnlyMemory<byte>, CancellationToken, Task<PublishResult>> send, TimeSpan patience, Random random, TextWriter notes, TimeProvider time)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestOwnWait = TimeSpan.FromSeconds(5);

    /// <summary>Publishes a batch: all of it or nothing.</summary>
    /// <param name="batch">What to publish.</param>
    /// <param name="stopping">Ends the waits between tries; a try that is under way is finished, so that its outcome is known.</param>
    /// <exception cref="PublishFailedException">It was not published, or nobody knows.</exception>
    /// <exception cref="OperationCanceledException">The wait was ended, and nothing of it was stored.</exception>
    public async Task<PublishResult> PublishAsync(EventBatch batch, CancellationToken stopping)
    {
        var started = time.GetTimestamp();
        // Once one try's answer was lost, a later 'not now' says nothing about that try.
        var worst = PublishOutcome.NotNow;
        for (var attempt = 0; ; attempt++)
        {
            VZapsException failure;
            try
            {
                return await send(batch.Body, CancellationToken.None);
            }
            catch (VZapsException failed)
            {
                failure = failed;
            }

            var outcome = PublishOutcomes.Of(failure);
            if (outcome == PublishOutcome.Refused)
                throw new PublishFailedException(worst == PublishOutcome.Unknown ? worst : outcome, failure);
            worst = outcome > worst ? outcome : worst;
            var wait = WaitBefore(attempt, failure);
            var mayRetry = outcome == PublishOutcome.NotNow || batch.IsKeyed;
            if (!mayRetry || time.GetElapsedTime(started) + wait > patience)
                throw new PublishFailedException(worst, failure);
            await notes.WriteLineAsync($"{failure.Message} Trying again in {wait.TotalSeconds:0.0} s.");
            await WaitAsync(wait, worst, failure, stopping);
        }
    }

    private TimeSpan WaitBefore(int attempt, VZapsException failure)
    {
        var own = TimeSpan.FromTicks(Math.Min(LongestOwnWait.Ticks, FirstWait.Ticks << Math.Min(attempt, 10)));
        // A part of it at random, so that many who were refused together do not come back together.
        var wait = own * (0.5 + (random.NextDouble() / 2));
        return PublishOutcomes.RetryAfter(failure) is { } asked && asked > wait ? asked : wait;
    }

    private async Task WaitAsync(TimeSpan wait, PublishOutcome worst, VZapsException failure, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(wait, time, stopping);
        }
        catch (OperationCanceledException) when (worst == PublishOutcome.Unknown)
        {
            throw new PublishFailedException(worst, failure);
        }
    }
}
