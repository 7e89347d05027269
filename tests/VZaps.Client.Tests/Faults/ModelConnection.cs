using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace VZaps.Client.Tests.Faults;

/// <summary>The model server's end of one connection: sends what is owed and what is new in order, takes answers, and sends again what was nacked or is overdue.</summary>
internal sealed class ModelConnection(WebSocket socket, Stream line, Account account, FaultSchedule schedule, LineFault fault, int cursor) : IDisposable
{
    private static readonly TimeSpan AckTimeout = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan GoAwayGrace = TimeSpan.FromMilliseconds(50);
    private readonly Dictionary<int, DateTime> _dueAt = [];
    private readonly CancellationTokenSource _ended = new();
    private readonly Random _random = new(schedule.Seed);
    private int _sent;
    private bool _isBroken;

    public async Task RunAsync()
    {
        var receiving = ReceiveAsync();
        try
        {
            if (schedule.Extension)
                await SendAsync("""{"type":"hello","connection_id":"c","consumer":"default","consumer_connections":1,"resumed_after":null,"lag":0,"window":1024,"ack_timeout_ms":150,"gap":null}""");
            for (var next = cursor + 1; !_ended.IsCancellationRequested;)
            {
                await BreakAsync();
                next = await SendNextAsync(next);
            }
        }
        catch (Exception gone) when (gone is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut.
        }

        await receiving;
    }

    public void Dispose() => _ended.Dispose();

    /// <summary>Sends up to five events that have their first turn, else what is due again, else waits a moment.</summary>
    private async Task<int> SendNextAsync(int next)
    {
        var batch = new List<int>();
        var most = schedule.Extension ? 1 + _random.Next(5) : 1;
        for (; next <= FaultSchedule.Events && batch.Count < most; next++)
        {
            if (cursor > 0 || !account.IsAcked(next))
                batch.Add(next);
        }

        if (batch.Count == 0)
            batch.AddRange(TakeDue());
        if (batch.Count == 0)
            await Task.Delay(1, _ended.Token);
        else
            await SendEventsAsync(batch);
        return next;
    }

    private async Task SendEventsAsync(List<int> numbers)
    {
        lock (_dueAt)
            numbers.ForEach(number => _dueAt[number] = DateTime.UtcNow + AckTimeout);
        _sent += numbers.Count;
        var events = numbers.ConvertAll(number => Envelopes.Json(number, data: Envelopes.InChat($"chat {schedule.ChatOf[number]}")));
        await SendAsync(events.Count == 1 ? events[0] : $"[{string.Join(',', events)}]");
    }

    private List<int> TakeDue()
    {
        lock (_dueAt)
            return [.. _dueAt.Where(one => one.Value < DateTime.UtcNow && !account.IsAcked(one.Key)).Select(one => one.Key).Order().Take(1)];
    }

    /// <summary>What goes wrong by the server, when its time has come.</summary>
    private async Task BreakAsync()
    {
        if (_isBroken || _sent < fault.After)
            return;
        _isBroken = true;
        switch (fault.Kind)
        {
            case FaultKind.GarbageText:
                await SendAsync("""{"id":"evt_1","type":"Mess""");
                break;
            case FaultKind.GarbageBinary:
                await socket.SendAsync(new byte[] { 1, 2, 3 }, WebSocketMessageType.Binary, true, _ended.Token);
                break;
            case FaultKind.GarbageFrame:
                await line.WriteAsync(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF }, _ended.Token);
                break;
            case FaultKind.ServerClose:
                await socket.CloseOutputAsync((WebSocketCloseStatus)(_random.Next(2) == 0 ? 1001 : 1013), "", _ended.Token);
                await Task.Delay(Timeout.Infinite, _ended.Token);
                break;
            case FaultKind.CloseInMessage:
                await socket.SendAsync(Encoding.UTF8.GetBytes(Envelopes.Json(FaultSchedule.Events)[..40]), WebSocketMessageType.Text, endOfMessage: false, _ended.Token);
                await socket.CloseOutputAsync((WebSocketCloseStatus)1001, "", _ended.Token);
                await Task.Delay(Timeout.Infinite, _ended.Token);
                break;
            case FaultKind.GoAway when schedule.Extension:
                // As a gateway does: who has not left by then is closed.
                await SendAsync("""{"type":"goaway","reconnect_after_ms":0}""");
                await Task.Delay(GoAwayGrace, _ended.Token);
                await socket.CloseOutputAsync((WebSocketCloseStatus)1001, "", _ended.Token);
                await Task.Delay(Timeout.Infinite, _ended.Token);
                break;
            default:
                break; // on the line, or none
        }
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[ExtensionProtocol.MaxClientMessageBytes];
        var length = 0;
        try
        {
            while (true)
            {
                var part = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close)
                    break;
                length += part.Count;
                if (!part.EndOfMessage)
                    continue;
                Take(buffer.AsMemory(0, length));
                length = 0;
            }

            if (socket.State == WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
        catch (Exception gone) when (gone is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut.
        }

        await _ended.CancelAsync();
        socket.Abort();
    }

    private void Take(ReadOnlyMemory<byte> frame)
    {
        using var json = JsonDocument.Parse(frame);
        var root = json.RootElement;
        var ids = root.TryGetProperty("event_ids", out var many) ? many.EnumerateArray().Select(id => id.GetString()!) : [root.GetProperty("event_id").GetString()!];
        foreach (var number in ids.Select(NumberOf).ToList())
        {
            switch (root.GetProperty("type").GetString())
            {
                case "ack":
                    account.Ack(number);
                    break;
                case "nack":
                    Due(number, TimeSpan.FromMilliseconds(root.GetProperty("delay_ms").GetInt32()));
                    break;
                case "working":
                    Due(number, AckTimeout);
                    break;
                default:
                    account.Complain($"an unexpected frame: {root}");
                    break;
            }
        }
    }

    private void Due(int number, TimeSpan after)
    {
        lock (_dueAt)
            _dueAt[number] = DateTime.UtcNow + after;
    }

    private static int NumberOf(string id) => EventPosition.TryParse(id, out var position) ? (int)position.Sequence : throw new InvalidOperationException($"{id} is no id.");

    private Task SendAsync(string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, _ended.Token);
}
