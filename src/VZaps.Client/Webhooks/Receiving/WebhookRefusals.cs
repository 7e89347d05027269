using Microsoft.Extensions.Logging;

namespace VZaps.Client.Webhooks;

/// <summary>The answers to posts whose events no handler gets, and what the log is told of them.</summary>
internal sealed partial class WebhookRefusals(WebhookReceiverOptions options, ILogger logger)
{
    /// <summary>By then the gateway has hung up on what it posts now, or has its answer: its own time-out.</summary>
    private static readonly TimeSpan BusyRetryAfter = TimeSpan.FromSeconds(15);

    private readonly OnceAMinute<WebhookMistake> _mistakes = new(options.TimeProvider);
    private readonly OnceAMinute<bool> _busy = new(options.TimeProvider);

    public WebhookResult TooLarge(int bytes) => new(WebhookOutcome.TooLarge, $"The body has {bytes} bytes, and {options.MaxBodyBytes} is the most (MaxBodyBytes).");

    /// <summary>It is not the gateway's, or no event.</summary>
    public WebhookResult Refuse(WebhookVerificationException wrong)
    {
        if (_mistakes.IsDue(wrong.Mistake))
            LogRefused(logger, wrong.Message);
        return new WebhookResult(wrong.Mistake == WebhookMistake.UnreadableBody ? WebhookOutcome.Unreadable : WebhookOutcome.Refused, wrong.Message);
    }

    /// <summary>It cannot be taken now.</summary>
    public WebhookResult Busy(VZapsEvent received, bool isClosed)
    {
        if (isClosed)
            return new WebhookResult(WebhookOutcome.Busy, "The receiver is closed, or closes.") { Event = received };
        if (_busy.IsDue(true))
            LogBusy(logger, options.MaxUnheardHandlers);
        return new WebhookResult(WebhookOutcome.Busy, "Too many handlers still run of events whose posts timed out.") { Event = received, RetryAfter = BusyRetryAfter };
    }

    [LoggerMessage(1504, LogLevel.Warning, "A post to the webhook was refused: {Reason} More of the same within a minute are not logged.")]
    private static partial void LogRefused(ILogger logger, string reason);

    [LoggerMessage(1506, LogLevel.Warning, "Posts to the webhook are answered with 503: {Handlers} events are with their handlers although the gateway has hung up (MaxUnheardHandlers). Handlers take too long, or hang: "
        + "hand long work to a queue. More of the same within a minute are not logged.")]
    private static partial void LogBusy(ILogger logger, int handlers);
}
