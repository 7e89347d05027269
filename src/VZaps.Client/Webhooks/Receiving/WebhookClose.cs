using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using VZaps.Client.Subscribing;

namespace VZaps.Client.Webhooks;

/// <summary>The end of a receiver: no further event goes to handlers, those that run may finish for a time, then their token is cancelled, and one that ignores that is left behind.</summary>
/// <remarks>Thread-safe.</remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "A handler that was left behind may still use the token; the source holds nothing.")]
internal sealed partial class WebhookClose(WebhookRuns runs, TimeSpan closeTimeout, TimeProvider time, ILogger logger)
{
    /// <summary>How long a handler may take to notice that its token was cancelled.</summary>
    private static readonly TimeSpan CancelGrace = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _cancel = new();
    private readonly Lock _gate = new();
    private Task? _closing;

    /// <summary>Goes up as the close begins.</summary>
    public CloseSignal Begun { get; } = new();

    /// <summary>What handlers are given: cancelled when the close has waited for them.</summary>
    public CancellationToken Token => _cancel.Token;

    /// <summary>Begins the close, once: when this returns, no event goes to handlers any more. Completes when no handler runs, or the last was left behind; never fails.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            if (_closing is null)
            {
                runs.Close();
                Begun.Raise();
                _closing = Task.Run(WaitAndCancelAsync);
            }

            return _closing;
        }
    }

    private async Task WaitAndCancelAsync()
    {
        if (await IsIdleWithinAsync(closeTimeout).ConfigureAwait(false))
            return;
        LogCancelled(logger, closeTimeout);
        await CancelAsync().ConfigureAwait(false);
        if (!await IsIdleWithinAsync(CancelGrace).ConfigureAwait(false))
            LogLeftBehind(logger);
    }

    /// <summary>The user's code hears of it: what that throws, or waits for, does not hold the close up.</summary>
    private async Task CancelAsync()
    {
        try
        {
            await Task.Run(_cancel.CancelAsync).WaitAsync(CancelGrace, time).ConfigureAwait(false);
        }
        catch (Exception thrown)
        {
            LogCancelThrew(logger, thrown);
        }
    }

    private async Task<bool> IsIdleWithinAsync(TimeSpan limit)
    {
        try
        {
            await runs.WhenIdle().WaitAsync(limit, time).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    [LoggerMessage(1521, LogLevel.Warning, "The handlers of a webhook did not finish within {CloseTimeout} (CloseTimeout) of the close; their token is cancelled.")]
    private static partial void LogCancelled(ILogger logger, TimeSpan closeTimeout);

    [LoggerMessage(1522, LogLevel.Warning, "A handler of a webhook ignores its cancelled token; it is left behind. The gateway posts its event again.")]
    private static partial void LogLeftBehind(ILogger logger);

    [LoggerMessage(1523, LogLevel.Error, "What a handler registered on its token threw or did not return; the close goes on.")]
    private static partial void LogCancelThrew(ILogger logger, Exception thrown);
}
