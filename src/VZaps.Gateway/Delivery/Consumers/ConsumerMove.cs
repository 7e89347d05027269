using VZaps.Gateway.Http;

namespace VZaps.Gateway.Delivery;

/// <summary>
/// Moves and forgets consumers. Nobody reads while that happens: live connections are a reason to refuse, or are closed
/// first, and new ones wait. Thread-safe.
/// </summary>
internal sealed class ConsumerMove(
    ConsumerDirectory consumers, ConsumerSaver saver, ConsumerStore store, DeadLetterStore letters, TimeProvider time)
{
    /// <summary>How long closed connections have to be gone.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Moves a consumer, durably.</summary>
    /// <param name="consumer">Which.</param>
    /// <param name="afterSequence">It goes on after this event.</param>
    /// <param name="force">Whether live connections are closed (1001).</param>
    /// <param name="cancellationToken">Ends the wait; the move may be done.</param>
    /// <exception cref="ProblemException">409: it has live connections; 404: it was forgotten meanwhile.</exception>
    public Task SeekAsync(Consumer consumer, long afterSequence, bool force, CancellationToken cancellationToken) =>
        AloneAsync(consumer, force, "the consumer is moved", async () =>
        {
            consumer.MoveTo(afterSequence);
            await saver.SaveNowAsync(cancellationToken);
        }, cancellationToken);

    /// <summary>Forgets a consumer and its dead letters.</summary>
    /// <param name="consumer">Which.</param>
    /// <param name="force">Whether live connections are closed (1001).</param>
    /// <param name="cancellationToken">Ends the wait; the consumer may be forgotten.</param>
    /// <exception cref="ProblemException">409: it has live connections; 404: it was forgotten meanwhile.</exception>
    public Task ForgetAsync(Consumer consumer, bool force, CancellationToken cancellationToken) =>
        AloneAsync(consumer, force, "the consumer is forgotten", async () =>
        {
            // It is not saved any more from here on, and a save that had begun is over before its row goes. Those who come
            // meanwhile find it in the directory, wait their turn, and look it up again.
            consumer.IsForgotten = true;
            try
            {
                await saver.SaveNowAsync(CancellationToken.None);
                await store.DeleteAsync(consumer.Key, CancellationToken.None);
                await letters.DeleteAllOfAsync(consumer.Key, CancellationToken.None);
            }
            finally
            {
                consumers.Forget(consumer);
            }
        }, cancellationToken);

    private async Task AloneAsync(Consumer consumer, bool force, string why, Func<Task> work, CancellationToken cancellationToken)
    {
        await consumer.Settling.WaitAsync(cancellationToken);
        try
        {
            if (consumer.IsForgotten)
                throw ConsumerProblems.NotFound(consumer.Key.Name).ToException();
            var live = consumer.Connections;
            if (live.Count > 0 && !force)
                throw ConsumerProblems.Connected(consumer.Key.Name, live.Count).ToException();
            foreach (var connection in live)
                connection.Close(CloseCode.GoingAway, why);
            try
            {
                await consumer.WaitUntilAloneAsync().WaitAsync(CloseTimeout, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                throw ConsumerProblems.StillConnected(consumer.Key.Name).ToException();
            }

            await work();
        }
        finally
        {
            consumer.Settling.Release();
        }
    }
}
