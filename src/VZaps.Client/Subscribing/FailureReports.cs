using Microsoft.Extensions.Logging;

namespace VZaps.Client.Subscribing;

/// <summary>What a subscription tells of events whose handlers threw, with their history.</summary>
internal sealed partial class FailureReports(FailureHistory history, NoticeLoop notices, ILogger logger)
{
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

    [LoggerMessage(1201, LogLevel.Error, "The handler of {EventType} {EventId} threw; the event is not acked and comes again. Failures of it so far: {Attempts}.")]
    private static partial void LogFailed(ILogger logger, Exception thrown, EventType eventType, string eventId, int attempts);

    [LoggerMessage(1203, LogLevel.Warning, "The handler rejected {EventType} {EventId}: {Reason}. It goes to the dead letters, where the server takes that.")]
    private static partial void LogRejected(ILogger logger, EventType eventType, string eventId, string reason);
}
