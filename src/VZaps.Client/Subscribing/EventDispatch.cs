using Microsoft.Extensions.Logging;

namespace VZaps.Client.Subscribing;

/// <summary>
/// What the connection sees of the handling: events go in, and it can be held, resumed and stopped. Nothing is dispatched before the
/// start, after the close began, or while it is held.
/// </summary>
internal sealed partial class EventDispatch
{
    /// <summary>Events that wait so long for the start have probably been forgotten.</summary>
    public static TimeSpan StartReminder { get; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a handler may take to notice that its token was cancelled.</summary>
    private static readonly TimeSpan CancelGrace = TimeSpan.FromSeconds(1);

    private readonly EventQueue _queue;
    private readonly IEventTaker _taker;
    private readonly Partitions _partitions;
    private readonly Task _started;
    private readonly CloseSignal _closing;
    private readonly TimeSpan _closeTimeout;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private bool _isHeld; // touched by who holds and resumes alone
    private Task? _reminding;
    private Task? _stopping; // the connection's end asks first, and then the subscription's, which must not wait all over again

    public EventDispatch(
        EventQueue queue, IEventTaker taker, Partitions partitions, Task started, CloseSignal closing, TimeSpan closeTimeout, TimeProvider time, ILogger logger)
    {
        (_queue, _taker, _partitions, _started) = (queue, taker, partitions, started);
        (_closing, _closeTimeout, _time, _logger) = (closing, closeTimeout, time, logger);
        queue.CallTakersBy(taker.Call);
    }

    /// <summary>Queues an event; waits while the queue is full, which holds the reading of the socket up. <see cref="Dispatch"/> is to be called before waiting for the next one.</summary>
    /// <param name="received">The event.</param>
    /// <param name="cancellationToken">The connection is being left, or the subscription closed.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled before there was room.</exception>
    public ValueTask EnqueueAsync(WaitingEvent received, CancellationToken cancellationToken)
    {
        if (!_started.IsCompleted)
            _reminding ??= RemindAsync();
        return _queue.GatherAsync(received, _partitions.KeyOf(received.Event), cancellationToken);
    }

    /// <summary>What was queued goes to the handlers, if it has not yet.</summary>
    public void Dispatch() => _queue.CallTakers();

    /// <inheritdoc cref="IEventTaker.LetsGo"/>
    public bool LetsGo(string id) => _taker.LetsGo(id);

    /// <summary>Waits for the handlers that are running and their acks, and lets no other begin until <see cref="Resume"/>. Never throws.</summary>
    /// <param name="limit">Gives the hold up: events are dispatched again.</param>
    public async Task HoldAsync(CancellationToken limit)
    {
        if (_isHeld)
            return;
        _queue.Hold();
        LogHold(_logger);
        try
        {
            await _queue.WhenIdle().WaitAsync(limit).ConfigureAwait(false);
            _isHeld = true;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // A handler takes longer; its ack goes over the next connection.
            _queue.Resume();
        }
    }

    /// <summary>Ends the hold; does nothing without one.</summary>
    public void Resume()
    {
        if (!_isHeld)
            return;
        _isHeld = false;
        _queue.Resume();
    }

    /// <summary>
    /// After the queue was closed: waits for the handlers that are running and their acks. Those that outlast the close time-out have their
    /// token cancelled; one that ignores that is left behind.
    /// </summary>
    public Task StopAsync() => _stopping ??= StopOnceAsync();

    private async Task StopOnceAsync()
    {
        await (_reminding ?? Task.CompletedTask).ConfigureAwait(false);
        if (await IsIdleWithinAsync(_closeTimeout).ConfigureAwait(false))
            return;
        LogCancelled(_logger, _closeTimeout);
        await AbandonAsync().ConfigureAwait(false);
        if (!await IsIdleWithinAsync(CancelGrace).ConfigureAwait(false))
            LogLeftBehind(_logger);
    }

    /// <summary>The user's code hears of it, on its tokens and as its transactions are undone: what that throws, or waits for, does not hold the close up.</summary>
    private async Task AbandonAsync()
    {
        try
        {
            await Task.Run(_taker.AbandonAsync).WaitAsync(CancelGrace, _time).ConfigureAwait(false);
        }
        catch (Exception thrown)
        {
            LogAbandonFailed(_logger, thrown);
        }
    }

    private async Task<bool> IsIdleWithinAsync(TimeSpan limit)
    {
        try
        {
            await _queue.WhenIdle().WaitAsync(limit, _time).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task RemindAsync()
    {
        try
        {
            await _started.WaitAsync(StartReminder, _time, _closing.Token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            LogNotStarted(_logger, StartReminder);
        }
        catch (OperationCanceledException) when (_closing.IsRaised)
        {
            // Nobody has to be reminded any more.
        }
    }

    [LoggerMessage(1211, LogLevel.Warning, "Events have waited for {Waited}: nothing is dispatched before StartAsync or WaitClosedAsync is called.")]
    private static partial void LogNotStarted(ILogger logger, TimeSpan waited);

    [LoggerMessage(1212, LogLevel.Warning, "A handler did not finish within {CloseTimeout} (CloseTimeout) of the close; its token is cancelled.")]
    private static partial void LogCancelled(ILogger logger, TimeSpan closeTimeout);

    [LoggerMessage(1213, LogLevel.Warning, "A handler ignores its cancelled token; it is left behind and its event is not acked.")]
    private static partial void LogLeftBehind(ILogger logger);

    [LoggerMessage(1217, LogLevel.Error, "What a handler registered on its token, or the undoing of a transaction, threw or did not return; the close goes on.")]
    private static partial void LogAbandonFailed(ILogger logger, Exception thrown);

    [LoggerMessage(1214, LogLevel.Debug, "The connection is being left: no further event is handled before there is another, or none for long.")]
    private static partial void LogHold(ILogger logger);
}
