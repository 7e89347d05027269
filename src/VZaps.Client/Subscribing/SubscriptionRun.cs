using Microsoft.Extensions.Logging;
using VZaps.Client.Configuration;
using VZaps.Client.Realtime;

namespace VZaps.Client.Subscribing;

/// <summary>
/// The life of a subscription: it owns the loops, begins them, and awaits their end. In the order of an event's way:
/// <see cref="ConnectionLoop"/> connects, <see cref="LiveConnection"/> runs what it connected, <see cref="ReceiveLoop"/> reads and asks
/// <see cref="HandledMark"/>, <see cref="DispatchLoop"/> queues, <see cref="EventProcessor"/> calls handlers, <see cref="AckOutbox"/> acks.
/// </summary>
internal sealed partial class SubscriptionRun
{
    private readonly ClientSettings _settings;
    private readonly ILogger _logger;
    private readonly CloseSignal _closing = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closeAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Uplink _uplink;
    private readonly NoticeLoop _notices;
    private readonly DispatchLoop _dispatch;
    private readonly ConnectionLoop _connections;

    public SubscriptionRun(object owner, HandlerTable handlers, EventSubscribeRequest request, ClientSettings settings, RealtimeConnector connector)
    {
        _settings = settings;
        _logger = settings.Loggers.CreateLogger<EventSubscription>();
        var target = SubscriptionTarget.From(request, settings);
        var start = request.LastEventId is { Length: > 0 } last ? last : null;
        var mark = new HandledMark(start, settings.Time);
        var resume = new ResumeCursor(mark, start is not null, target.ConsumerAt(settings.Realtime) == ConsumerName.Ephemeral, _logger);
        _uplink = new Uplink(_logger);
        var acks = new AckOutbox(AckOutbox.ServerWindow + settings.MaxQueuedEvents, _uplink);
        var failures = new FailedEvents(_uplink, new NackDelay(settings.FailedEventDelay, Random.Shared));
        var atWork = new HandlersAtWork(settings.MaxHandlerTime, settings.Time, _logger);
        _notices = new NoticeLoop(owner, _logger);
        var processor = new EventProcessor(owner, handlers, mark, acks, failures, atWork, _notices, _logger);
        _dispatch = new DispatchLoop(settings.MaxQueuedEvents, processor, _started.Task, _closing, settings.CloseTimeout, settings.Time, _logger);
        var receive = new ReceiveLoop(settings, mark, _dispatch, acks, _notices, _closing, _logger);
        var live = new LiveConnection(target, settings, resume, receive, _dispatch, acks, _uplink, new WorkingLoop(_uplink, atWork, settings.Time), _notices, _closing, _logger);
        _connections = new ConnectionLoop(request, target, settings, connector, resume, live, receive, _dispatch, _notices, _closing, _logger);
    }

    public NoticeLoop Notices => _notices;

    /// <summary>The connection that is open now; null while there is none, or it was not introduced yet.</summary>
    public ConnectionOpened? Connection => _uplink.Introduction;

    /// <summary>Completes when the first connection is open; fails when none could be made.</summary>
    public Task FirstOpen => _connections.FirstOpen;

    /// <summary>The end: null where it was asked for, else why there can be no more.</summary>
    public Task<VZapsException?> Ended { get; private set; } = Task.FromResult<VZapsException?>(null);

    public void Begin()
    {
        // The loops outlive the call that began them: neither its activity nor its async locals are theirs.
        using var alone = ExecutionContext.SuppressFlow();
        _dispatch.Begin();
        Ended = Task.Run(RunAsync);
    }

    /// <summary>Handlers are registered: dispatch.</summary>
    public void Start() => _started.TrySetResult();

    /// <summary>Begins the close, once.</summary>
    public void Close()
    {
        _closeAsked.TrySetResult();
        _closing.Raise();
    }

    private async Task<VZapsException?> RunAsync()
    {
        var noticing = _notices.RunAsync(_started.Task);
        var error = await KeepConnectedAsync().ConfigureAwait(false);
        _closing.Raise();
        await _dispatch.StopAsync().ConfigureAwait(false);
        if (error is not null)
        {
            LogEnded(_logger, error);
            _notices.Error(error);
        }

        _notices.Complete();
        // A subscription that failed before it was started tells so when it is started, unless it is closed instead.
        await Task.WhenAny(_started.Task, _closeAsked.Task).ConfigureAwait(false);
        if (_started.Task.IsCompleted)
            await WaitForCallbacksAsync(noticing).ConfigureAwait(false);
        return error;
    }

    private async Task<VZapsException?> KeepConnectedAsync()
    {
        try
        {
            return await _connections.RunAsync().ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            // Nobody awaits this loop but those who wait for the end: they must hear of it.
            return new VZapsException($"The subscription ended unexpectedly: {fault.Message}", fault);
        }
    }

    private async Task WaitForCallbacksAsync(Task noticing)
    {
        try
        {
            await noticing.WaitAsync(_settings.CloseTimeout, _settings.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            LogCallbackStuck(_logger, _settings.CloseTimeout);
        }
    }

    [LoggerMessage(1101, LogLevel.Error, "The subscription ended and does not connect again.")]
    private static partial void LogEnded(ILogger logger, Exception error);

    [LoggerMessage(1102, LogLevel.Warning, "A callback of OnOpen, OnClose, OnGap or OnError did not finish within {CloseTimeout} (CloseTimeout); it is left behind.")]
    private static partial void LogCallbackStuck(ILogger logger, TimeSpan closeTimeout);
}
