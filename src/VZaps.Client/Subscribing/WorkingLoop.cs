using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using VZaps.Client.Realtime;
using VZaps.Client.Telemetry;

namespace VZaps.Client.Subscribing;

/// <summary>
/// Tells the server, while a handler is at its event, that it is: after each third of the ack time-out, so that one lost word does not
/// make the event overdue. What waits in the queue is not late by the contract, and is not spoken of.
/// </summary>
/// <remarks>Thread-safe. One loop a connection, however many events are in handlers; none where the server is without the extension.</remarks>
internal sealed partial class WorkingLoop(Uplink uplink, TimeSpan maxHandlerTime, TimeProvider time, ILogger logger)
{
    /// <summary>The loop looks twice in each third, so that at most half of a time-out passes before the first word.</summary>
    private const int LooksPerTimeout = 6;
    private const int WordsPerTimeout = 3;

    private readonly ConcurrentDictionary<string, AtWork> _atWork = new(StringComparer.Ordinal);

    /// <summary>An event goes to its handlers.</summary>
    public void Begin(string id) => _atWork[id] = new AtWork(time.GetTimestamp());

    /// <summary>Its handlers have ended.</summary>
    public void End(string id) => _atWork.TryRemove(id, out _);

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
                if (!await TrySpeakAsync(connection, timeout / WordsPerTimeout).ConfigureAwait(false))
                    return;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The connection has ended.
        }
    }

    private async Task<bool> TrySpeakAsync(RealtimeConnection connection, TimeSpan interval)
    {
        foreach (var (id, work) in _atWork)
        {
            if (time.GetElapsedTime(work.LastWord) < interval || IsTooLong(id, work))
                continue;
            work.LastWord = time.GetTimestamp();
            if (!await uplink.TrySendAsync(connection, WorkingFrame.Write(id)).ConfigureAwait(false))
                return false;
            ClientTelemetry.Working.Add(1);
        }

        return true;
    }

    private bool IsTooLong(string id, AtWork work)
    {
        if (time.GetElapsedTime(work.Began) < maxHandlerTime)
            return false;
        if (!work.IsReported)
            LogTooLong(logger, id, maxHandlerTime);
        work.IsReported = true;
        return true;
    }

    [LoggerMessage(1231, LogLevel.Warning, "The handler of {EventId} has taken longer than {MaxHandlerTime} (MaxHandlerTime): the server is not asked for more "
        + "time, and takes the event for failed after some deliveries. Hand long work to a queue.")]
    private static partial void LogTooLong(ILogger logger, string eventId, TimeSpan maxHandlerTime);

    private sealed class AtWork(long now)
    {
        public long Began { get; } = now;

        // Touched by the loop alone.
        public long LastWord { get; set; } = now;
        public bool IsReported { get; set; }
    }
}
