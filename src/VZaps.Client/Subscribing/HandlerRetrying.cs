using Microsoft.Extensions.Logging;
using VZaps.Client.Realtime;

namespace VZaps.Client.Subscribing;

/// <summary>What follows a handler's throwing: a wait and another call, as the policy has it.</summary>
/// <param name="policy">The user's; null for none.</param>
/// <param name="record">Is given each failure.</param>
/// <param name="tell">Is told of a policy that throws.</param>
/// <param name="closing">No wait outlasts it.</param>
/// <param name="time">The clock of the waits.</param>
/// <param name="logger">Where another call is logged.</param>
internal sealed partial class HandlerRetrying(
    IHandlerRetryPolicy? policy, Action<HandlerFailure> record, Action<VZapsException> tell, CloseSignal closing, TimeProvider time, ILogger logger)
{
    /// <summary>Waits before the next attempt.</summary>
    /// <returns>False where there is none: the policy has had enough, all failed in a way that another call cannot mend, or it closes.</returns>
    public async ValueTask<bool> WaitAsync(VZapsEvent received, List<FailedHandler> failed, int attempt, CancellationToken cancellationToken)
    {
        // What the close cancelled did not fail.
        if (cancellationToken.IsCancellationRequested)
            return false;
        HandlerFailure? last = null;
        foreach (var one in failed)
        {
            var failure = new HandlerFailure { Event = received, Attempt = attempt, DeliveryCount = received.DeliveryCount, At = time.GetUtcNow(), Exception = one.Thrown };
            record(failure);
            if (!one.IsHopeless)
                last = failure;
        }

        if (last is null || closing.IsRaised || Ask(last) is not { } delay)
            return false;
        LogAgain(logger, last.Exception, received.Type, received.Id, attempt, delay);
        return await WaitAsync(delay).ConfigureAwait(false);
    }

    private TimeSpan? Ask(HandlerFailure failure)
    {
        try
        {
            return policy?.NextDelay(failure) is { } delay ? ReconnectTries.Bounded(delay) : null;
        }
        catch (Exception thrown)
        {
            // The user's code: the event goes the way that it goes without a policy.
            tell(new VZapsException($"The retry policy threw for {failure.Event}: {thrown.Message}", thrown));
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

    [LoggerMessage(1204, LogLevel.Warning, "The handler of {EventType} {EventId} threw in attempt {Attempt}; it is called again in {Delay}.")]
    private static partial void LogAgain(ILogger logger, Exception thrown, EventType eventType, string eventId, int attempt, TimeSpan delay);
}
