using Microsoft.Extensions.Logging;
using VZaps;

namespace Worker;

/// <summary>Made for each message, with what it injects; disposed after it.</summary>
internal sealed class MessageHandler(Inbox inbox) : IEventHandler<MessageEvent>
{
    public Task HandleAsync(MessageEvent payload, EventContext context) =>
        payload.Text is { } text ? inbox.TakeAsync(payload.EventId, payload.PushName ?? payload.Sender, text, context.CancellationToken) : Task.CompletedTask;
}

/// <summary>Where a message goes: a database, in real life.</summary>
internal sealed partial class Inbox(ILogger<Inbox> logger)
{
    public Task TakeAsync(string eventId, string from, string text, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LogTaken(logger, from, text, eventId);
        return Task.CompletedTask;
    }

    [LoggerMessage(1, LogLevel.Information, "{From} wrote: {Text} ({EventId})")]
    private static partial void LogTaken(ILogger logger, string from, string text, string eventId);
}
