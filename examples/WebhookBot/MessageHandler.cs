using VZaps;

namespace WebhookBot;

/// <summary>Does not know which way a message came.</summary>
internal sealed partial class MessageHandler(ILogger<MessageHandler> logger) : IEventHandler<MessageEvent>
{
    public Task HandleAsync(MessageEvent message, EventContext context)
    {
        if (message.Text is { } text)
            LogMessage(logger, message.PushName ?? message.Sender, text, context.DeliveryCount);
        return Task.CompletedTask;
    }

    [LoggerMessage(1, LogLevel.Information, "{Sender} wrote: {Text} (delivery {Delivery})")]
    private static partial void LogMessage(ILogger logger, string sender, string text, int delivery);
}
