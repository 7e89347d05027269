using Microsoft.Extensions.Logging;
using VZaps.Client.Realtime;

namespace VZaps.Client.Subscribing;

/// <summary>What follows a handler's throwing: a wait and another call as the policy has it, and a report with the event's history when there is no other.</summary>
internal sealed partial class HandlerRetrying(IHandlerRetryPolicy? policy, FailureHistory history, NoticeLoop notices, CloseSignal closing, TimeProvider time, ILogger logger)
{
    /// <summary>Waits before the next attempt.</summary>
    /// <returns>False where there is none: the policy has had enough, all failed in a way that another call cannot mend, or the subscription closes.</returns>
    public async ValueTask<bool> WaitAsync(VZapsEvent received, List<FailedHandler> failed, int attempt, CancellationToken cancellationToken)
    {
        // What the close cancelled did not fail.
        if (cancellationToken.IsCancellationRequested)
            return false;
        HandlerFailure? last = null;
        foreach (var one in failed)
        {
            var failure = new HandlerFailure { Event = received, Attempt = attempt, DeliveryCount = received.DeliveryCount, At = time.GetUtcNow(), Exception = one.Thrown };
            history.Add(failure);
            if (!one.IsHopeless)
                last = failure;
        }

        if (last is null || closing.IsRaised || Ask(last) is not { } delay)
            return false;
        LogAgain(logger, last.Exception, received.Type, received.Id, attempt, delay);
        return await WaitAsync(delay).ConfigureAwait(false);
    }

    /// <summary>It is given back: <c>OnError</c> hears of each handler that failed.</summary>
    public void Report(VZapsEvent received, List<FailedHandler> failed)
    {
        var (attempts, failures) = history.Of(received.Id);
        foreach (var (_, thrown) in failed)
        {
            if (thrown is RejectEventException)
                LogRejected(logger, received.Type, received.Id, thrown.Message);
            else
                LogFailed(logger, thrown, received.Type, received.Id, Math.Max(attempts, 1));
            notices.Error(new VZapsHandlerException(received, thrown, attempts, failures));
        }
    }

    /// <summary>It was handled, or rejected by all who failed.</summary>
    public void Forget(VZapsEvent ended) => history.Forget(ended.Id);

    private TimeSpan? Ask(HandlerFailure failure)
    {
        try
        {
            return policy?.NextDelay(failure) is { } delay ? ReconnectTries.Bounded(delay) : null;
        }
        catch (Exception thrown)
        {
            // The user's code: the event goes the way that it goes without a policy.
            notices.Error(new VZapsException($"The retry policy threw for {failure.Event}: {thrown.Message}", thrown));
            return null;
        }
    }

    private async ValueTask<bool> WaitAsync(TimeSpan delay)
    {
        try
        {
            if (delay > TimeSpan.Zero)
                await Task.Delay(delay, time, closing.Token).ConfigureAwait(false);
            return !closing.IsRaised;
        }
        catch (OperationCanceledException) when (closing.IsRaised)
        {
            return false;
        }
    }

    [LoggerMessage(1201, LogLevel.Error, "The handler of {EventType} {EventId} threw; the event is not acked and comes again. Failures of it so far: {Attempts}.")]
    private static partial void LogFailed(ILogger logger, Exception thrown, EventType eventType, string eventId, int attempts);

    [LoggerMessage(1203, LogLevel.Warning, "The handler rejected {EventType} {EventId}: {Reason}. It goes to the dead letters, where the server takes that.")]
    private static partial void LogRejected(ILogger logger, EventType eventType, string eventId, string reason);

    [LoggerMessage(1204, LogLevel.Warning, "The handler of {EventType} {EventId} threw in attempt {Attempt}; it is called again in {Delay}.")]
    private static partial void LogAgain(ILogger logger, Exception thrown, EventType eventType, string eventId, int attempt, TimeSpan delay);
}
