using System.Net.WebSockets;
using VZaps.Gateway.Delivery;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Realtime;

/// <summary>One connection, from before its handshake is answered to its end: owns its loops, its window and its close.</summary>
internal sealed partial class RealtimeConnection : IDisposable
{
    /// <summary>How long a client has to answer a close frame before its connection is cut.</summary>
    private static readonly TimeSpan CloseAnswerTimeout = TimeSpan.FromSeconds(2);

    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly long _openedAt;
    private readonly CloseRequest _close;

    public RealtimeConnection(ConnectionInfo info, ILogger logger, TimeProvider time)
    {
        (Info, _logger, _time, _openedAt) = (info, logger, time, time.GetTimestamp());
        _close = new CloseRequest(Wake);
    }

    public ConnectionInfo Info { get; }

    /// <summary>Set when there may be more to send: events, room in the window, or a close.</summary>
    public WakeSignal Wake { get; } = new();

    /// <summary>Asks for a close; what is being written may still go out. Returns at once.</summary>
    public void Close(CloseCode code, string text) => _close.Ask(code, text);

    /// <summary>Runs until the connection has ended, for whatever reason.</summary>
    public async Task RunAsync(WebSocket socket, EventReader reader, ConnectionStart start, Consumer? consumer, int window)
    {
        var account = new DeliveryAccount(consumer, new DeliveryWindow(window));
        var receiver = new FrameReceiver(socket, Info.Access.Instance.Id, account, Wake, _close);
        var sender = new EventSender(socket, reader, start, account, Wake, _close) { OnGap = (from, to) => NoticeGap(consumer, from, to) };

        var receiving = WatchAsync(receiver.RunAsync());
        await WatchAsync(sender.RunAsync());
        await SayGoodbyeAsync(socket, receiving);
        var reason = _close.Reason!;
        LogClosed(_logger, Info.Access.Instance.Id, Info.Consumer, Info.Address, Info.UserAgent,
            _time.GetElapsedTime(_openedAt).TotalSeconds, (int?)reason.Code, reason.Text, sender.Sent, receiver.Acked, receiver.Ignored);
    }

    public void Dispose() => _close.Dispose();

    /// <summary>A loop that ends by a fault ends the connection, and nothing else.</summary>
    private async Task WatchAsync(Task loop)
    {
        try
        {
            await loop;
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException)
        {
            // Clients go away without a word every day: no more than a reason in the closing line.
            _close.Lost(exception is OperationCanceledException ? "did not take what was written" : "connection lost");
        }
        catch (Exception exception)
        {
            LogFailed(_logger, exception, Info.Access.Instance.Id, Info.Consumer);
            _close.Ask(CloseCode.TryAgainLater, "internal error");
        }
    }

    private async Task SayGoodbyeAsync(WebSocket socket, Task receiving)
    {
        if (_close.Reason is { Code: { } code, Text: var text })
        {
            try
            {
                await socket.CloseOutputAsync((WebSocketCloseStatus)code, text, _close.Aborted);
                await receiving.WaitAsync(CloseAnswerTimeout, _time);
            }
            catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException or TimeoutException or InvalidOperationException)
            {
                // It need not hear us: the connection ends either way.
            }
        }

        socket.Abort();
        await receiving;
    }

    private void NoticeGap(Consumer? consumer, long from, long to)
    {
        consumer?.Forget(to);
        LogGap(_logger, Info.Consumer, Info.Access.Instance.Id, to - from + 1);
    }

    [LoggerMessage(2101, LogLevel.Information, "Connection to {InstanceId} as consumer {Consumer} from {Address} ({UserAgent}) ended after "
        + "{Seconds:0.0} s with {CloseCode}, {Reason}: {Sent} sent, {Acked} acked, {Ignored} messages without effect.")]
    private static partial void LogClosed(ILogger logger, InstanceId instanceId, string consumer, string address, string userAgent,
        double seconds, int? closeCode, string reason, long sent, long acked, long ignored);

    [LoggerMessage(2104, LogLevel.Warning, "Consumer {Consumer} of {InstanceId} missed up to {Events} events that retention removed. "
        + "Raise Log:RetentionAge or the byte limits beside it, or find out why it lagged.")]
    private static partial void LogGap(ILogger logger, string consumer, InstanceId instanceId, long events);

    [LoggerMessage(2105, LogLevel.Error, "A connection to {InstanceId} as consumer {Consumer} failed and was closed with 1013.")]
    private static partial void LogFailed(ILogger logger, Exception exception, InstanceId instanceId, string consumer);
}
