using System.Net.WebSockets;
using System.Text;

namespace VZaps.LoadTest;

/// <summary>Reads events off a socket as cheaply as a client can, counts them, and checks that their ids ascend.</summary>
internal sealed class EventReceiver(ClientWebSocket socket)
{
    private readonly byte[] _buffer = new byte[2 << 20];
    private readonly byte[] _lastId = new byte[30];

    /// <summary>Events so far.</summary>
    public int Count { get; private set; }

    /// <summary>Events that came out of order or twice.</summary>
    public int Misplaced { get; private set; }

    /// <summary>Bytes so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>The newest event's id.</summary>
    public string LastId => Encoding.ASCII.GetString(_lastId);

    /// <summary>The next message; how many events it had.</summary>
    public async ValueTask<int> ReceiveAsync(Action<ReadOnlySpan<byte>>? onEvent = null)
    {
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None);
            if (read.MessageType == WebSocketMessageType.Close)
                throw new InvalidOperationException($"The gateway closed the connection: {socket.CloseStatus} {socket.CloseStatusDescription}");
            length += read.Count;
            if (read.EndOfMessage)
                break;
        }

        Bytes += length;
        return Take(_buffer.AsSpan(0, length), onEvent);
    }

    private int Take(ReadOnlySpan<byte> message, Action<ReadOnlySpan<byte>>? onEvent)
    {
        var events = 0;
        while (message.IndexOf("{\"id\":\"evt_"u8) is var start and >= 0)
        {
            var id = message.Slice(start + 7, 30);
            if (id.SequenceCompareTo(_lastId) <= 0)
                Misplaced++;
            id.CopyTo(_lastId);
            events++;
            onEvent?.Invoke(message[start..]);
            message = message[(start + 37)..];
        }

        Count += events;
        return events;
    }

    /// <summary>Acks the newest event, or all up to it.</summary>
    public ValueTask AckAsync(bool upTo) => socket.SendAsync(
        Encoding.ASCII.GetBytes($"{{\"type\":\"ack\",\"{(upTo ? "up_to" : "event_id")}\":\"{LastId}\"}}").AsMemory(),
        WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
}
