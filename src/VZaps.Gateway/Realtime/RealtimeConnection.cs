using VZaps.Gateway.Delivery;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Realtime;

/// <summary>One connection, from before its handshake is answered to its end: owns its loops, its account and its close.</summary>
internal sealed partial class RealtimeConnection : IDisposable
{
    /// <summary>How long a client has to answer a close frame before its connection is cut.</summary>
    private static readonly TimeSpan CloseAnswerTimeout = TimeSpan.FromSeconds(2);

    private readonly RealtimeServices _services;
    private readonly long _openedAt;
    private readonly CloseRequest _close;
    private volatile DeliveryAccount? _account;
    private volatile WrittenStream? _stream;
    private volatile ControlFrames? _control;
    private volatile bool _isFaulted;
    private volatile bool _hasEnded;
    private int _isBusy; // 1 while it is among the busy ones

    public RealtimeConnection(ReaderInfo info, RealtimeServices services)
    {
        (Info, _services, _openedAt) = (info, services, services.Time.GetTimestamp());
        _close = new CloseRequest(Wake);
    }

    public ReaderInfo Info { get; }

    /// <summary>Set when there may be more to send: events, room in the window, something due, or a close.</summary>
    public WakeSignal Wake { get; } = new();

    /// <summary>Asks for a close; what is being written may still go out. Returns at once.</summary>
    public void Close(CloseCode code, string text) => _close.Ask(code, text);

    /// <summary>Tells a client of the extension to go elsewhere; a plain one is told nothing.</summary>
    public void SayGoAway(TimeSpan reconnectAfter) => _control?.Say(() => ServerFrames.GoAway(reconnectAfter));

    /// <summary>Whether it was not yet among the busy connections, and now is.</summary>
    public bool TryMarkBusy() => Volatile.Read(ref _isBusy) == 0 && Interlocked.Exchange(ref _isBusy, 1) == 0;

    /// <summary>Whether it has nothing out, and is among the busy connections no more.</summary>
    public bool TryMarkIdle()
    {
        if (HasDeliveriesOut)
            return false;
        Interlocked.Exchange(ref _isBusy, 0);
        // What was sent before the mark was taken off was sent in the belief that it is there.
        return !HasDeliveriesOut || !TryMarkBusy();
    }

    private bool HasDeliveriesOut => !_hasEnded && _account?.Open > 0;

    /// <summary>Looks whether something is due. Called many times a second while something is out.</summary>
    public void LookAtDeliveries()
    {
        if (_account is { } account && (account.IsLookDue | account.LetTrickle()))
            Wake.Set();
    }

    /// <summary>Looks whether it is time for a ping, and whether the reader answers and takes what is written. Called every second.</summary>
    public void LookAtPeer()
    {
        if (_control?.KeepAlive() == false)
            _close.Lost("no answer to a ping");
        if (_stream?.WaitingFor > _services.Options.StallTimeout)
            _close.Ask(CloseCode.TryAgainLater, "took nothing from its socket for too long");
    }

    /// <summary>Makes what the connection owes and is owed.</summary>
    /// <param name="consumer">Its consumer; null for <c>ephemeral</c>.</param>
    /// <param name="start">Where it starts.</param>
    public DeliveryAccount OpenAccount(Consumer? consumer, ConnectionStart start) => _account = new DeliveryAccount(
        Info,
        consumer,
        start,
        new DeliveryWindow(_services.Options.Window, _services.Options.ToSchedule(), _services.Time, Random.Shared),
        Wake,
        Close,
        _services.Time);

    /// <summary>Runs until the connection has ended, for whatever reason.</summary>
    /// <param name="stream">The connection, after its handshake.</param>
    /// <param name="cut">Ends the connection without a word.</param>
    /// <param name="reader">Reads the log.</param>
    /// <param name="attachment">Where it starts.</param>
    public async Task RunAsync(WrittenStream stream, Action cut, EventReader reader, Attachment attachment)
    {
        var account = _account!;
        using var ended = new CancellationTokenSource();
        var control = new ControlFrames(stream, Info.IsExtended, Wake, _services.Time);
        control.Say(() => ServerFrames.Hello(account, attachment, _services.Log, _services.Options));
        (_stream, _control) = (stream, control);

        using IEventFrames frames = Info.IsExtended ? new BatchFrames(stream) : new GatheredFrames(stream);
        var handler = new FrameHandler(account, _services.Options.AckTimeout, _services.Metrics);
        var redelivery = new Redelivery(account, _services.Events, _services.LetterStore, _services.Letters, _services.Attachments, _services.Metrics);
        var sender = new EventSender(
            reader, attachment.Start, account, redelivery, frames, control, Wake, _close, _services.Metrics, _services.Time)
        {
            OnGap = (after, resumedAt) => NoticeGap(account.Consumer, control, after, resumedAt),
            OnSent = () => _services.Busy.Add(this),
        };

        var receiving = WatchAsync(new FrameReceiver(stream, handler, control, _close).RunAsync(ended.Token));
        await WatchAsync(sender.RunAsync());
        await SayGoodbyeAsync(control, cut, receiving);
        await ended.CancelAsync();
        await receiving;
        var reason = _close.Reason!;
        _services.Connections.Ended(reason.Code);
        LogClosed(_services.Logger, Info.Instance, Info.Consumer, Info.Address, Info.UserAgent,
            _services.Time.GetElapsedTime(_openedAt).TotalSeconds, (int?)reason.Code, reason.Text, account.Sent, account.Acked, handler.Ignored);
    }

    /// <summary>Whether the gateway wished the end or failed, and not the client or the network.</summary>
    public bool IsEndedByServer => _isFaulted || _close.Reason?.Code is CloseCode.GoingAway or CloseCode.CredentialRevoked or CloseCode.InstanceDeleted;

    public void Dispose()
    {
        _hasEnded = true;
        _close.Dispose();
    }

    /// <summary>A loop that ends by a fault ends the connection, and nothing else.</summary>
    private async Task WatchAsync(Task loop)
    {
        try
        {
            await loop;
        }
        catch (Exception exception) when (exception is OperationCanceledException or PeerGoneException)
        {
            // Clients go away without a word every day: no more than a reason in the closing line.
            _close.Lost(exception is OperationCanceledException ? "did not take what was written" : "connection lost");
        }
        catch (EventLogDamagedException damage)
        {
            // Logged by the log, once a place: whoever comes back comes to it again.
            _isFaulted = true;
            _close.Ask(CloseCode.TryAgainLater, $"the log is damaged: {damage.File} at byte {damage.Offset}");
        }
        catch (Exception exception)
        {
            _isFaulted = true;
            LogFailed(_services.Logger, exception, Info.Instance, Info.Consumer);
            _close.Ask(CloseCode.TryAgainLater, "internal error");
        }
    }

    private async Task SayGoodbyeAsync(ControlFrames control, Action cut, Task receiving)
    {
        try
        {
            if (_close.Reason is { Code: { } code, Text: var text })
            {
                await control.SendCloseAsync(code, text, _close.Aborted);
                await receiving.WaitAsync(CloseAnswerTimeout, _services.Time);
                return;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or PeerGoneException or TimeoutException)
        {
            // It need not hear us: the connection ends either way.
        }

        cut();
    }

    private void NoticeGap(Consumer? consumer, ControlFrames control, long after, long resumedAt)
    {
        var owedLost = consumer?.Forget(resumedAt - 1) ?? 0;
        if (_services.Gaps.Between(after, resumedAt, owedLost) is not { } gap)
            return;
        _services.Gaps.Note(Info.Instance, Info.Consumer, consumer, gap);
        control.Say(() => ServerFrames.Gap(gap, Info.Instance, _services.Log));
    }

    [LoggerMessage(2101, LogLevel.Information, "Connection to {InstanceId} as consumer {Consumer} from {Address} ({UserAgent}) ended after "
        + "{Seconds:0.0} s with {CloseCode}, {Reason}: {Sent} sent, {Acked} acked, {Ignored} messages without effect.")]
    private static partial void LogClosed(ILogger logger, InstanceId instanceId, string consumer, string address, string userAgent,
        double seconds, int? closeCode, string reason, long sent, long acked, long ignored);

    [LoggerMessage(2105, LogLevel.Error, "A connection to {InstanceId} as consumer {Consumer} failed, by the disk or by a bug, and was closed with 1013.")]
    private static partial void LogFailed(ILogger logger, Exception exception, InstanceId instanceId, string consumer);
}
