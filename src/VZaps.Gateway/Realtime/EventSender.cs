using System.Net.WebSockets;
using VZaps.Gateway.Delivery;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Realtime;

/// <summary>
/// The sending loop of one connection: pulls from the log as far as the window allows, and writes. A slow reader slows
/// only itself.
/// </summary>
internal sealed class EventSender(
    WebSocket socket, EventReader reader, ConnectionStart start, DeliveryAccount account, WakeSignal wake, CloseRequest close)
{
    private const int MaxPageEvents = 256;
    private const int MaxPageBytes = 256 * 1024;

    private long _readThrough = start.First;

    /// <summary>Events sent.</summary>
    public long Sent { get; private set; }

    /// <summary>Told of events that retention removed before this connection could read them: the first and the last sequence.</summary>
    public Action<long, long>? OnGap { get; init; }

    /// <summary>Sends until a close is asked for.</summary>
    /// <exception cref="WebSocketException">The peer is gone.</exception>
    /// <exception cref="OperationCanceledException">What was being written took longer than the grace of a close.</exception>
    public async Task RunAsync()
    {
        while (close.Reason is null)
        {
            var room = account.Room;
            if (room == 0)
            {
                await wake.WaitAsync();
                continue;
            }

            var limits = new LogPageLimits(Math.Min(room, MaxPageEvents), MaxPageBytes);
            var page = await reader.ReadAsync(_readThrough, start.Types, limits, close.Aborted);
            NoticeGap(page);
            await SendAsync(page);
            _readThrough = start.NextToRead(page.ReadThrough);
            if (page.ReachedEnd)
                await wake.WaitAsync();
        }
    }

    private async ValueTask SendAsync(LogPage page)
    {
        foreach (var envelope in page.Envelopes)
        {
            if (close.Reason is not null)
                return;
            var sequence = envelope.Position.Sequence;
            if (!start.IsAllNewAfter(sequence - 1) && !start.Includes(sequence, envelope.TypeIndex))
                continue;
            // Before the write: a crash or a cut in the middle of it must find the event owed.
            account.Open(sequence, envelope.TypeIndex);
            await socket.SendAsync(envelope.Utf8, WebSocketMessageType.Text, endOfMessage: true, close.Aborted);
            Sent++;
        }
    }

    private void NoticeGap(LogPage page)
    {
        var retainedFrom = reader.FirstRetained;
        var readFrom = page.Envelopes.Count > 0 ? page.Envelopes[0].Position.Sequence : page.ReadThrough + 1;
        if (_readThrough + 1 < retainedFrom && retainedFrom <= readFrom)
            OnGap?.Invoke(_readThrough + 1, retainedFrom - 1);
    }
}
