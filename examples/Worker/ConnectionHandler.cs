using Microsoft.Extensions.Logging;
using VZaps;

namespace Worker;

/// <summary>Gets two types of events, as they came.</summary>
internal sealed partial class ConnectionHandler(ILogger<ConnectionHandler> logger) : IEventHandler
{
    public Task HandleAsync(EventContext context)
    {
        LogState(logger, context.Event.InstanceId, context.Event.Type);
        return Task.CompletedTask;
    }

    [LoggerMessage(2, LogLevel.Information, "{InstanceId} is {State}")]
    private static partial void LogState(ILogger logger, string instanceId, EventType state);
}
