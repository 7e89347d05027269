using Microsoft.Extensions.Logging;
using VZaps.Client.Configuration;
using VZaps.Client.Media;
using VZaps.Client.Realtime;
using VZaps.Client.Telemetry;

namespace VZaps.Client.Subscribing;

/// <summary>
/// The life of a subscription: it owns the loops, begins them, and awaits their end. In the order of an event's way:
/// <see cref="ConnectionLoop"/> connects, <see cref="LiveConnection"/> runs what it connected, <see cref="ReceiveLoop"/> reads and asks
/// <see cref="HandledMark"/>, <see cref="EventDispatch"/> queues, an <see cref="IEventTaker"/> takes and <see cref="Settlement"/> answers, <see cref="AckOutbox"/> acks.
/// </summary>
internal sealed partial class SubscriptionRun
{
    private readonly ClientSettings _settings;
    private readonly ILogger _logger;
    private readonly CloseSignal _closing = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closeAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ReconnectSignal _anew = new();
    private readonly bool _mayReconnect;
    private readonly Uplink _uplink;
    private readonly NoticeLoop _notices;
    private readonly EventDispatch _dispatch;
    private readonly EventQueue _queue;
    private readonly CursorSaver _cursors;
    private readonly ConnectionLoop _connections;

    /// <param name="owner">In whose name callbacks run, see <see cref="HandlerScope"/>.</param>
    /// <param name="request">What to subscribe to.</param>
    /// <param name="settings">The client's.</param>
    /// <param name="connector">The client's.</param>
    /// <param name="media">The client's.</param>
    /// <param name="maxTakers">How many take events at a time.</param>
    /// <param name="order">In which order.</param>
    /// <param name="makeTaker">Makes whoever does.</param>
    /// <exception cref="ArgumentException">The request has something missing or wrong.</exception>
    public SubscriptionRun(
        object owner, EventSubscribeRequest request, ClientSettings settings, RealtimeConnector connector, MediaAccess media, int maxTakers, IEventOrder order, Func<TakerParts, IEventTaker> makeTaker)
    {
        _settings = settings;
        _mayReconnect = request.Reconnect;
        _logger = new SafeLogger(settings.Loggers.CreateLogger<EventSubscription>());
        var target = SubscriptionTarget.From(request, settings);
        var start = request.LastEventId is { Length: > 0 } last ? last : null;
        var mark = new HandledMark(start, settings.Time);
        var resume = new ResumeCursor(mark, start is not null, target.ConsumerAt(settings.Realtime) == ConsumerName.Ephemeral, request.CursorStore is not null, _logger);
        _uplink = new Uplink(_logger);
        var acks = new AckOutbox(AckOutbox.ServerWindow + settings.MaxQueuedEvents, _uplink);
        var failures = new FailedEvents(_uplink, new NackDelay(settings.FailedEventDelay, Random.Shared));
        var atWork = new HandlersAtWork(settings.MaxHandlerTime, settings.Time, _logger);
        _notices = new NoticeLoop(owner, settings.Time, _logger);
        State = new StateRecord(_notices);
        _queue = new EventQueue(settings.MaxQueuedEvents, maxTakers, order);
        var names = new SubscriptionNames(target.InstanceId, () => Connection?.Consumer ?? target.ConsumerAt(settings.Realtime), settings.Realtime.Address);
        var taker = makeTaker(new TakerParts(
            _queue, new Settlement(mark, acks, failures, atWork), new ProcessedEvents(request.ProcessedEvents, _logger), atWork, _uplink, _notices, _closing, names, _logger));
        var partitions = new Partitions(order is PartitionLines, request.PartitionKey, _notices, _logger);
        _dispatch = new EventDispatch(_queue, taker, partitions, _started.Task, _closing, settings.CloseTimeout, settings.Time, _logger);
        _cursors = new CursorSaver(request.CursorStore, target.CursorKeyAt(settings.Realtime), mark, _notices, settings.Time, _logger);
        var receive = new ReceiveLoop(settings, media.With(request.InstanceToken), names, mark, _dispatch, acks, _notices, _logger);
        var live = new LiveConnection(target, settings, resume, receive, _dispatch, acks, _uplink, new WorkingLoop(_uplink, atWork, settings.Time), _notices, State, _anew, _closing, _logger);
        _connections = new ConnectionLoop(request, target, settings, connector, resume, live, receive, _dispatch, _notices, State, _anew, _closing, _logger);
    }

    public NoticeLoop Notices => _notices;

    public StateRecord State { get; }

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
        Ended = Task.Run(RunAsync);
    }

    /// <summary>Handlers are registered: dispatch.</summary>
    public void Start()
    {
        if (_started.TrySetResult())
            _queue.Open();
    }

    /// <summary>A connection now: the wait for one ends, and one that is open is left for another.</summary>
    public void ReconnectNow()
    {
        if (_mayReconnect)
            _anew.Ask();
    }

    /// <summary>Begins the close, once.</summary>
    public void Close()
    {
        State.Set(SubscriptionState.Closing);
        _closeAsked.TrySetResult();
        BeginClose();
    }

    private async Task<VZapsException?> RunAsync()
    {
        var noticing = _notices.RunAsync(_started.Task);
        using var saving = new CancellationTokenSource();
        var cursors = _cursors.RunAsync(saving.Token);
        var error = await KeepConnectedAsync().ConfigureAwait(false);
        State.Set(SubscriptionState.Closing, error);
        BeginClose();
        await _dispatch.StopAsync().ConfigureAwait(false);
        await saving.CancelAsync().ConfigureAwait(false);
        await cursors.ConfigureAwait(false);
        await _cursors.SaveAsync().ConfigureAwait(false);
        if (error is not null)
        {
            LogEnded(_logger, error);
            _notices.Error(error);
        }

        State.Set(SubscriptionState.Closed, error);
        _notices.Complete();
        // A subscription that failed before it was started tells so when it is started, unless it is closed instead.
        await Task.WhenAny(_started.Task, _closeAsked.Task).ConfigureAwait(false);
        if (_started.Task.IsCompleted)
            await WaitForCallbacksAsync(noticing).ConfigureAwait(false);
        return error;
    }

    /// <summary>From here on no event goes to a handler, whatever else is still under way.</summary>
    private void BeginClose()
    {
        _queue.Close();
        _closing.Raise();
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

/// <summary>What those who take events need of a subscription.</summary>
internal sealed record TakerParts(
    EventQueue Queue, Settlement Settlement, ProcessedEvents Processed, HandlersAtWork AtWork, Uplink Uplink, NoticeLoop Notices, CloseSignal Closing, SubscriptionNames Names, ILogger Logger);
