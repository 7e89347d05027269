using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using VZaps.Client.Configuration;
using VZaps.Client.Realtime;

namespace VZaps.Client.Subscribing;

/// <summary>One open connection to its end: a cut, the server's close, our close, or our leaving when the server says <c>goaway</c> or the user wants another one.</summary>
internal sealed class LiveConnection(
    SubscriptionTarget target, ClientSettings settings, ResumeCursor resume, ReceiveLoop receive, EventDispatch dispatch, AckOutbox acks, Uplink uplink,
    WorkingLoop working, NoticeLoop notices, StateRecord state, ReconnectSignal anew, CloseSignal closing, ILogger logger)
{
    /// <summary>How long our last acks, our close frame and the server's answer to it may take.</summary>
    private static readonly TimeSpan CloseAnswerTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Runs it to its end and leaves nothing of it behind.</summary>
    /// <param name="connection">The connection; the caller's, who disposes it.</param>
    /// <param name="opened">Raised when it runs.</param>
    public async Task<ConnectionEnd> RunAsync(RealtimeConnection connection, TaskCompletionSource opened)
    {
        resume.Opened(connection);
        uplink.Attach(connection);
        using var voice = new ServerVoice(connection, target, settings, uplink, resume, acks, notices, logger);
        using var ended = new CancellationTokenSource();
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(closing.Token);
        acks.Attach(connection);
        dispatch.Resume();
        var speaking = working.RunAsync(connection, voice.AckTimeout, ended.Token);
        var reading = receive.RunAsync(connection, voice, leaving.Token);
        state.Set(SubscriptionState.Open);
        opened.TrySetResult();
        var isForNew = false;
        await Task.WhenAny(reading, closing.Raised, voice.GoingAway, anew.Asked).ConfigureAwait(false);

        if (voice.GoingAway.IsCompleted && !closing.IsRaised && !reading.IsCompleted)
        {
            await LeaveAsync(connection, reading).ConfigureAwait(false);
        }
        else if (anew.Asked.IsCompleted && !closing.IsRaised && !reading.IsCompleted)
        {
            // Handlers go on meanwhile; their acks go over the next connection, as after a cut. The reader may be waiting for them to make room.
            isForNew = true;
            await leaving.CancelAsync().ConfigureAwait(false);
            await CloseAsync(connection, reading).ConfigureAwait(false);
        }

        var closedByUs = closing.IsRaised && !reading.IsCompleted;
        if (closedByUs)
        {
            await dispatch.StopAsync().ConfigureAwait(false);
            await CloseAsync(connection, reading).ConfigureAwait(false);
        }

        var end = await reading.ConfigureAwait(false);
        voice.DoWithoutHello(); // before the close is announced
        acks.Detach();
        uplink.Detach();
        connection.Abort(); // a send that a deaf server holds up ends here
        await ended.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(acks.FlushAsync(), speaking).ConfigureAwait(false);

        if (closedByUs)
            return ConnectionEnd.ClosedByUs;
        return voice.GoingAway.IsCompletedSuccessfully && RetryTable.IsTransient(end)
            ? new ConnectionEnd(end, WasOpen: true, await voice.GoingAway.ConfigureAwait(false))
            : new ConnectionEnd(end, WasOpen: true, IsForNew: isForNew);
    }

    /// <summary>
    /// The server shuts down: the handler that is running finishes and is acked, no other begins until there is a connection again,
    /// and we close. What was queued and not begun stays in the queue: the server owes it and sends it over the next connection too, where those
    /// copies are known and dropped. So each is handled once, and before what follows it in the log.
    /// </summary>
    private async Task LeaveAsync(RealtimeConnection connection, Task reading)
    {
        using var limit = new CancellationTokenSource(settings.CloseTimeout, settings.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, closing.Token);
        var holding = dispatch.HoldAsync(either.Token);
        await Task.WhenAny(holding, reading).ConfigureAwait(false);
        await either.CancelAsync().ConfigureAwait(false);
        await holding.ConfigureAwait(false);
        if (!reading.IsCompleted && !closing.IsRaised)
            await CloseAsync(connection, reading).ConfigureAwait(false);
    }

    /// <summary>Our last acks, our close frame, and then the server's, as <paramref name="reading"/> sees it; a server that does not answer is cut off.</summary>
    private async Task CloseAsync(RealtimeConnection connection, Task reading)
    {
        using var limit = new CancellationTokenSource(CloseAnswerTimeout, settings.Time);
        try
        {
            await acks.FlushAsync().WaitAsync(limit.Token).ConfigureAwait(false);
            await connection.SendCloseAsync(limit.Token).ConfigureAwait(false);
            await reading.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is WebSocketException or ObjectDisposedException or IOException or OperationCanceledException)
        {
            connection.Abort();
        }
    }
}
