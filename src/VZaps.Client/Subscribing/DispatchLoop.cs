using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace VZaps.Client.Subscribing;

/// <summary>
/// The queue between reading and handling, and the loop that empties it: one event at a time in the order of receipt, none
/// before the start, none after the close began, and none while it is held.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A handler that was left behind may still use the token; the source holds nothing.")]
internal sealed partial class DispatchLoop(
    int capacity, EventProcessor processor, Task started, CloseSignal closing, TimeSpan closeTimeout, TimeProvider time, ILogger logger)
{
    /// <summary>Events that wait so long for the start have probably been forgotten.</summary>
    public static TimeSpan StartReminder { get; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a handler may take to notice that its token was cancelled.</summary>
    private static readonly TimeSpan CancelGrace = TimeSpan.FromSeconds(1);

    private readonly Channel<Queued> _queue = Channel.CreateBounded<Queued>(new BoundedChannelOptions(capacity) { SingleReader = true });
    private readonly CancellationTokenSource _abandon = new();

    /// <summary>Whose turn it is: the event's that is handled, or the hold's.</summary>
    private readonly SemaphoreSlim _turn = new(1, 1);
    private bool _isHeld; // touched by who holds and resumes alone
    private Task _loop = Task.CompletedTask;
    private Task? _stopping; // the connection's end asks first, and then the subscription's, which must not wait all over again

    public void Begin() => _loop = Task.Run(RunAsync, CancellationToken.None);

    /// <summary>Queues an event; waits while the queue is full, which holds the reading of the socket up.</summary>
    /// <param name="received">The event.</param>
    /// <param name="announced">Its connection's <c>OnOpen</c> callbacks; they come first.</param>
    /// <exception cref="OperationCanceledException">The close began.</exception>
    public ValueTask EnqueueAsync(VZapsEvent received, Task announced) => _queue.Writer.WriteAsync(new Queued(received, announced), closing.Token);

    /// <summary>Waits for the handler that is running and its ack, and lets no other begin until <see cref="Resume"/>. Never throws.</summary>
    /// <param name="limit">Gives the hold up: when the handler has ended, the next begins.</param>
    public async Task HoldAsync(CancellationToken limit)
    {
        if (_isHeld)
            return;
        try
        {
            var turn = _turn.WaitAsync(limit);
            LogHold(logger);
            await turn.ConfigureAwait(false);
            _isHeld = true;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // The handler takes longer; its ack goes over the next connection.
        }
    }

    /// <summary>Ends the hold; does nothing without one.</summary>
    public void Resume()
    {
        if (!_isHeld)
            return;
        _isHeld = false;
        _turn.Release();
    }

    /// <summary>
    /// After the close began: waits for the handler that is running and its ack. One that outlasts the close time-out has its
    /// token cancelled; one that ignores that is left behind.
    /// </summary>
    public Task StopAsync() => _stopping ??= StopOnceAsync();

    private async Task StopOnceAsync()
    {
        if (await EndsWithinAsync(closeTimeout).ConfigureAwait(false))
            return;
        LogCancelled(logger, closeTimeout);
        await _abandon.CancelAsync().ConfigureAwait(false);
        if (!await EndsWithinAsync(CancelGrace).ConfigureAwait(false))
            LogLeftBehind(logger);
    }

    private async Task<bool> EndsWithinAsync(TimeSpan limit)
    {
        try
        {
            await _loop.WaitAsync(limit, time).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task RunAsync()
    {
        try
        {
            await _queue.Reader.WaitToReadAsync(closing.Token).ConfigureAwait(false);
            await WaitForStartAsync().ConfigureAwait(false);
            while (await _queue.Reader.WaitToReadAsync(closing.Token).ConfigureAwait(false))
            {
                await _turn.WaitAsync(closing.Token).ConfigureAwait(false);
                try
                {
                    await ProcessNextAsync().ConfigureAwait(false);
                }
                finally
                {
                    _turn.Release();
                }
            }
        }
        catch (OperationCanceledException) when (closing.IsRaised)
        {
            // Asked for. What is still queued is not acked and comes again to the next subscription.
        }
    }

    private async Task ProcessNextAsync()
    {
        if (closing.IsRaised || !_queue.Reader.TryRead(out var next))
            return;
        await next.Announced.WaitAsync(closing.Token).ConfigureAwait(false);
        await processor.ProcessAsync(next.Event, _abandon.Token).ConfigureAwait(false);
    }

    private async Task WaitForStartAsync()
    {
        try
        {
            await started.WaitAsync(StartReminder, time, closing.Token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            LogNotStarted(logger, StartReminder);
            await started.WaitAsync(closing.Token).ConfigureAwait(false);
        }
    }

    [LoggerMessage(1211, LogLevel.Warning, "Events have waited for {Waited}: nothing is dispatched before StartAsync or WaitClosedAsync is called.")]
    private static partial void LogNotStarted(ILogger logger, TimeSpan waited);

    [LoggerMessage(1212, LogLevel.Warning, "A handler did not finish within {CloseTimeout} (CloseTimeout) of the close; its token is cancelled.")]
    private static partial void LogCancelled(ILogger logger, TimeSpan closeTimeout);

    [LoggerMessage(1213, LogLevel.Warning, "A handler ignores its cancelled token; it is left behind and its event is not acked.")]
    private static partial void LogLeftBehind(ILogger logger);

    [LoggerMessage(1214, LogLevel.Debug, "The connection is being left: no further event is handled before there is another, or none for long.")]
    private static partial void LogHold(ILogger logger);

    private readonly record struct Queued(VZapsEvent Event, Task Announced);
}
