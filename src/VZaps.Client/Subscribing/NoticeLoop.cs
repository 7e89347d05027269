using System.Collections.Immutable;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace VZaps.Client.Subscribing;

/// <summary>
/// Calls the user's <c>OnOpen</c>, <c>OnClose</c>, <c>OnGap</c>, <c>OnError</c> and <c>StateChanged</c>, one at a time and in the order in which things happened, away
/// from the loops that read and dispatch. What happens before the start waits for it, as callbacks are registered after subscribing. One that takes too long is left behind: the others go on, and it
/// is skipped until it has ended, so that it never runs twice at a time, however often there is something to tell it.
/// </summary>
internal sealed partial class NoticeLoop
{
    /// <summary>Notices that wait for callbacks; beyond it the oldest are dropped, and logged.</summary>
    public const int MaxWaiting = 1_024;

    private const string Opening = "OnOpen";

    private readonly object _owner;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<Notice> _notices;
    private readonly CallbacksLeftBehind _left;
    private ImmutableArray<Func<ConnectionOpened, Task>> _onOpen = [];
    private ImmutableArray<Func<ConnectionClosed, Task>> _onClose = [];
    private ImmutableArray<Func<EventGap, Task>> _onGap = [];
    private ImmutableArray<Func<VZapsException, Task>> _onError = [];
    private ImmutableArray<EventHandler<SubscriptionStateChangedEventArgs>> _onState = [];

    /// <param name="owner">In whose name callbacks run, see <see cref="HandlerScope"/>.</param>
    /// <param name="time">The clock of <see cref="Patience"/>.</param>
    /// <param name="logger">Where a callback that throws is reported.</param>
    public NoticeLoop(object owner, TimeProvider time, ILogger logger)
    {
        (_owner, _time, _logger, _left) = (owner, time, logger, new CallbacksLeftBehind(logger));
        var bound = new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true };
        _notices = Channel.CreateBounded<Notice>(bound, OnDropped);
    }

    /// <summary>
    /// A callback that takes longer no longer holds up those behind it, and with them the events of a connection whose <c>OnOpen</c> is among those: it is left to itself. <c>OnOpen</c>
    /// is waited for however long it takes, as its connection's events are to follow it; the log says so.
    /// </summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(10);

    public void AddOpen(Func<ConnectionOpened, Task> callback) => ImmutableInterlocked.Update(ref _onOpen, static (all, added) => all.Add(added), callback);

    public void AddClose(Func<ConnectionClosed, Task> callback) => ImmutableInterlocked.Update(ref _onClose, static (all, added) => all.Add(added), callback);

    public void AddGap(Func<EventGap, Task> callback) => ImmutableInterlocked.Update(ref _onGap, static (all, added) => all.Add(added), callback);

    public void AddError(Func<VZapsException, Task> callback) => ImmutableInterlocked.Update(ref _onError, static (all, added) => all.Add(added), callback);

    public void AddStateChanged(EventHandler<SubscriptionStateChangedEventArgs>? handler) =>
        ImmutableInterlocked.Update(ref _onState, static (all, added) => added is null ? all : all.Add(added), handler);

    public void RemoveStateChanged(EventHandler<SubscriptionStateChangedEventArgs>? handler) =>
        ImmutableInterlocked.Update(ref _onState, static (all, removed) => removed is null ? all : all.Remove(removed), handler);

    /// <summary>A connection is open.</summary>
    /// <param name="opened">What is known of it.</param>
    /// <param name="announced">Is completed when the callbacks have finished: that connection's events follow it.</param>
    public void Opened(ConnectionOpened opened, TaskCompletionSource announced)
    {
        if (!_notices.Writer.TryWrite(new Notice(Opened: opened, Announced: announced)))
            announced.SetResult();
    }

    public void Closed(ConnectionClosed closed) => _notices.Writer.TryWrite(new Notice(Closed: closed));

    public void Gap(EventGap gap) => _notices.Writer.TryWrite(new Notice(Gap: gap));

    public void StateChanged(SubscriptionStateChangedEventArgs change) => _notices.Writer.TryWrite(new Notice(Change: change));

    public void Error(VZapsException error) => _notices.Writer.TryWrite(new Notice(Error: error));

    /// <summary>No notice follows: <see cref="RunAsync"/> ends when those at hand were given.</summary>
    public void Complete() => _notices.Writer.TryComplete();

    /// <summary>Runs until <see cref="Complete"/>. Never throws.</summary>
    /// <param name="started">Nothing is called before it.</param>
    public async Task RunAsync(Task started)
    {
        await started.ConfigureAwait(false);
        await foreach (var notice in _notices.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (notice.Error is { } error)
                await CallAsync("OnError", _onError, callback => callback(error)).ConfigureAwait(false);
            else if (notice.Closed is { } closed)
                await CallAsync("OnClose", _onClose, callback => callback(closed)).ConfigureAwait(false);
            else if (notice.Gap is { } gap)
                await CallAsync("OnGap", _onGap, callback => callback(gap)).ConfigureAwait(false);
            else if (notice.Opened is { } opened)
                await CallAsync(Opening, _onOpen, callback => callback(opened)).ConfigureAwait(false);
            else if (notice.Change is { } change)
                await CallAsync("StateChanged", _onState, handler => Raise(handler, change)).ConfigureAwait(false);
            notice.Announced?.TrySetResult();
        }
    }

    private Task Raise(EventHandler<SubscriptionStateChangedEventArgs> handler, SubscriptionStateChangedEventArgs change)
    {
        handler(_owner, change);
        return Task.CompletedTask;
    }

    private async Task CallAsync<T>(string name, ImmutableArray<T> callbacks, Func<T, Task> call)
        where T : Delegate
    {
        foreach (var callback in callbacks)
        {
            if (_left.IsSkipped(callback, name))
                continue;
            // On a thread of its own: one that never returns its task must not end the loop either.
            var calling = Task.Run(() => TryCallAsync(name, callback, call));
            try
            {
                await calling.WaitAsync(Patience, _time).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                LogSlow(_logger, name, Patience);
                if (name == Opening)
                    await calling.ConfigureAwait(false);
                else
                    _left.Add(callback, name, calling);
            }
        }
    }

    /// <summary>Never throws.</summary>
    private async Task TryCallAsync<T>(string name, T callback, Func<T, Task> call)
    {
        try
        {
            await CallInsideAsync(callback, call).ConfigureAwait(false);
        }
        catch (Exception thrown)
        {
            // The user's code may throw anything, and there is nobody left to tell but the log.
            LogThrown(_logger, thrown, name);
        }
    }

    private async Task CallInsideAsync<T>(T callback, Func<T, Task> call)
    {
        using var scope = HandlerScope.Enter(_owner);
        await call(callback).ConfigureAwait(false);
    }

    private void OnDropped(Notice notice)
    {
        notice.Announced?.TrySetResult();
        LogDropped(_logger, MaxWaiting);
    }

    [LoggerMessage(1401, LogLevel.Error, "A callback of {Callback} threw.")]
    private static partial void LogThrown(ILogger logger, Exception thrown, string callback);

    [LoggerMessage(1402, LogLevel.Warning, "More than {Waiting} notices waited for OnOpen, OnClose, OnGap, OnError and StateChanged; the oldest was dropped. Is a callback stuck?")]
    private static partial void LogDropped(ILogger logger, int waiting);

    [LoggerMessage(1403, LogLevel.Warning, "A callback of {Callback} has taken longer than {Patience}. Events that have waited for OnOpen still do where it is that one; any other callback is left to itself, and not called again before it has ended.")]
    private static partial void LogSlow(ILogger logger, string callback, TimeSpan patience);

    private sealed record Notice(
        VZapsException? Error = null, ConnectionClosed? Closed = null, EventGap? Gap = null, ConnectionOpened? Opened = null, TaskCompletionSource? Announced = null,
        SubscriptionStateChangedEventArgs? Change = null);
}
