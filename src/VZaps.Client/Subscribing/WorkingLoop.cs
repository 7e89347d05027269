using VZaps.Client.Realtime;
using VZaps.Client.Telemetry;

namespace VZaps.Client.Subscribing;

/// <summary>
/// Tells the server, while a handler is at its event, that it is: after each third of the ack time-out, so that one lost word does not
/// make the event overdue. What waits in the queue is not late by the contract, and is not spoken of.
/// </summary>
/// <remarks>One loop a connection, however many events are with handlers; it sleeps where the server is without the extension.</remarks>
internal sealed class WorkingLoop(Uplink uplink, HandlersAtWork handlers, TimeProvider time)
{
    /// <summary>The loop looks twice in each third, so that at most half of a time-out passes before the first word.</summary>
    private const int LooksPerTimeout = 6;
    private const int WordsPerTimeout = 3;

    /// <summary>Runs until it is cancelled or the connection is gone; never throws.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="ackTimeout">Completes with the server's <c>hello</c>; until then, or for ever, there is nothing to say.</param>
    /// <param name="cancellationToken">The connection's end.</param>
    public async Task RunAsync(RealtimeConnection connection, Task<TimeSpan> ackTimeout, CancellationToken cancellationToken)
    {
        try
        {
            var timeout = await ackTimeout.WaitAsync(cancellationToken).ConfigureAwait(false);
            using var timer = new PeriodicTimer(timeout / LooksPerTimeout, time);
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                foreach (var id in handlers.TakeDue(timeout / WordsPerTimeout))
                {
                    if (!await uplink.TrySendAsync(connection, WorkingFrame.Write(id)).ConfigureAwait(false))
                        return;
                    ClientTelemetry.Working.Add(1);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The connection has ended.
        }
    }
}
