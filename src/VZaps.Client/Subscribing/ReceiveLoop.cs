using System.Diagnostics;
using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using VZaps.Client.Configuration;
using VZaps.Client.Events;
using VZaps.Client.Media;
using VZaps.Client.Realtime;
using VZaps.Client.Telemetry;

namespace VZaps.Client.Subscribing;

/// <summary>Reads one connection to its end. No handler runs here, so pings are answered however long handlers take.</summary>
internal sealed partial class ReceiveLoop(
    ClientSettings settings, MediaAccess media, SubscriptionNames names, HandledMark mark, EventDispatch dispatch, AckOutbox acks, NoticeLoop notices, ILogger logger)
{
    /// <summary>How long our answer to the server's close frame may take.</summary>
    private static readonly TimeSpan CloseAnswerTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Of the message that is read now; one connection is read at a time.</summary>
    private readonly List<VZapsEvent> _events = [];

    /// <summary>Whether the last connection brought an event.</summary>
    public bool BroughtEvent { get; private set; }

    /// <summary>Reads until the connection ends, and says how.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="voice">Hears what is no event.</param>
    /// <param name="leaving">From then on no event is taken, not even one that waits for room in the queue; pings and the close are still heard.</param>
    public async Task<VZapsRealtimeException> RunAsync(RealtimeConnection connection, ServerVoice voice, CancellationToken leaving)
    {
        BroughtEvent = false;
        try
        {
            while (true)
            {
                var receiving = connection.ReceiveAsync();
                // Handlers are called when there is nothing more at hand: until then, each event would find them waiting for it again.
                if (!receiving.IsCompleted)
                    dispatch.Dispatch();
                var message = await receiving.ConfigureAwait(false);
                if (message.Kind == MessageKind.Close)
                {
                    dispatch.Dispatch();
                    return await AnswerCloseAsync(connection).ConfigureAwait(false);
                }

                // While the running handler finishes, the socket is still read, for its pings and its close frame. After a goaway
                // too: an event that comes behind it is not taken, so it is owed and comes again over the next connection.
                if (!leaving.IsCancellationRequested && !voice.GoingAway.IsCompleted && !TryHear(message, connection, voice))
                    await TakeAsync(message, voice.Announced, leaving).ConfigureAwait(false);
            }
        }
        catch (Exception gone) when (gone is WebSocketException or ObjectDisposedException or IOException or OperationCanceledException)
        {
            return new VZapsRealtimeException($"The connection to {settings.Realtime} was cut: {(gone.InnerException ?? gone).Message}", gone);
        }
        finally
        {
            dispatch.Dispatch();
        }
    }

    /// <summary>Whether it is something that a server of the extension says beside events.</summary>
    private bool TryHear(ReceivedMessage message, RealtimeConnection connection, ServerVoice voice)
    {
        if (!connection.IsExtended)
            return false;
        if (message.Kind != MessageKind.Text || !ServerFrame.TryRead(message.Bytes.Span, out var frame))
        {
            voice.DoWithoutHello();
            return false;
        }

        if (frame.Kind == ServerFrameKind.Broken)
            Report($"The server sent a message of {message.Bytes.Length} bytes about the connection that could not be read; it was skipped.");
        else
            voice.Hear(frame);
        return true;
    }

    private async ValueTask TakeAsync(ReceivedMessage message, Task announced, CancellationToken leaving)
    {
        if (message.Kind == MessageKind.Text)
        {
            var unreadable = Read(message.Bytes, out var span);
            for (var i = 0; i < _events.Count && !leaving.IsCancellationRequested; i++)
                await TakeAsync(new WaitingEvent(_events[i], announced, span), leaving).ConfigureAwait(false);
            _events.Clear();
            if (unreadable > 0)
                Report($"The server sent a message of {message.Bytes.Length} bytes with {unreadable} part(s) that are no events; they were skipped.");
        }
        else if (message.Kind == MessageKind.Binary)
        {
            Report("The server sent a binary message, which no event is; it was skipped.");
        }
        else
        {
            Report($"The server sent a message of more than {settings.MaxMessageBytes} bytes (MaxMessageBytes); it was skipped, and its event is not acked.");
        }
    }

    private int Read(ReadOnlyMemory<byte> message, out Activity? span)
    {
        span = ClientTelemetry.StartReceiving(names);
        var unreadable = EnvelopeReader.Read(message, names.InstanceId, media, _events);
        span?.SetTag(MessagingTags.BatchCount, _events.Count);
        // It is over before the events wait for their turn: what it shows is the receipt.
        SafeSpan.Stop(span);
        return unreadable;
    }

    private async ValueTask TakeAsync(WaitingEvent taken, CancellationToken leaving)
    {
        var received = taken.Event;
        BroughtEvent = true;
        ClientTelemetry.Received.Add(1);
        if (received.DeliveryCount > 1)
            ClientTelemetry.Redelivered.Add(1);
        var admission = mark.Receive(received.Id);
        if (admission == Admission.InHand && dispatch.LetsGo(received.Id))
            admission = mark.Receive(received.Id);
        switch (admission)
        {
            case Admission.Handle:
                await EnqueueAsync(taken, leaving).ConfigureAwait(false);
                break;
            case Admission.Handled:
                ClientTelemetry.Dropped.Add(1);
                LogDropped(logger, received.Id, "handled");
                dispatch.Dispatch();
                await acks.AckAsync(received.Id).ConfigureAwait(false);
                break;
            default:
                ClientTelemetry.Dropped.Add(1);
                LogDropped(logger, received.Id, "in hand");
                break;
        }
    }

    private async ValueTask EnqueueAsync(WaitingEvent taken, CancellationToken leaving)
    {
        try
        {
            await dispatch.EnqueueAsync(taken, leaving).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested)
        {
            // Not queued, so not handled and not acked: it comes again, and is new then.
            mark.Leave(taken.Event.Id);
        }
    }

    private async Task<VZapsRealtimeException> AnswerCloseAsync(RealtimeConnection connection)
    {
        var code = connection.CloseCode;
        var reason = connection.CloseReason;
        using var limit = new CancellationTokenSource(CloseAnswerTimeout, settings.Time);
        try
        {
            await connection.SendCloseAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is WebSocketException or ObjectDisposedException or IOException or OperationCanceledException)
        {
            // The server has said its last word; whether it hears ours makes no difference.
        }

        return new VZapsRealtimeException($"{settings.Realtime} closed the connection with {code}: {(reason.Length > 0 ? reason : "no reason given")}")
        {
            CloseCode = code,
        };
    }

    private void Report(string text)
    {
        LogUnreadable(logger, text);
        notices.Error(new VZapsRealtimeException(text));
    }

    [LoggerMessage(1221, LogLevel.Warning, "{Problem}")]
    private static partial void LogUnreadable(ILogger logger, string problem);

    [LoggerMessage(1222, LogLevel.Debug, "{EventId} came again and is {State}; dropped.")]
    private static partial void LogDropped(ILogger logger, string eventId, string state);
}
