using System.Net;
using System.Text;
using VZaps.LoadTest.Events;
using VZaps.LoadTest.Systems;

namespace VZaps.LoadTest.Wire;

/// <summary>Publishes to JetStream: a message an event, sent together, and each of them acked by the server.</summary>
internal sealed class NatsPublisher : IPublisher
{
    private readonly RawConnection _connection;
    private readonly byte[][] _heads;
    private byte[] _messages = [];

    private NatsPublisher(RawConnection connection, byte[][] heads) => (_connection, _heads) = (connection, heads);

    public static async Task<IPublisher> OpenAsync(IPEndPoint endpoint, IReadOnlyList<string> subjects)
    {
        var connection = await NatsSession.OpenAsync(endpoint);
        var inbox = NatsSession.NewInbox();
        await NatsSession.SubscribeAsync(connection, inbox);
        return new NatsPublisher(connection, [.. subjects.Select(subject => Encoding.ASCII.GetBytes($"PUB {subject} {inbox} {EnvelopeText.Bytes}\r\n"))]);
    }

    public async ValueTask PublishAsync(int instance, int first, int count)
    {
        var length = Write(_heads[instance], first, count);
        await _connection.SendAsync(_messages.AsMemory(0, length));
        for (var acked = 0; acked < count;)
        {
            await _connection.ReceiveAsync();
            acked += TakeAcks(out var isAskedForSign);
            if (isAskedForSign)
                await _connection.SendAsync(NatsSubscription.Pong);
        }
    }

    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        return default;
    }

    private int Write(byte[] head, int first, int count)
    {
        var bytes = (head.Length + EnvelopeText.Bytes + 2) * count;
        if (_messages.Length < bytes)
            _messages = new byte[bytes];
        var rest = _messages.AsSpan();
        for (var number = first; number < first + count; number++)
        {
            head.CopyTo(rest);
            rest = rest[head.Length..];
            EnvelopeText.Write(number, rest[..EnvelopeText.Bytes]);
            "\r\n"u8.CopyTo(rest[EnvelopeText.Bytes..]);
            rest = rest[(EnvelopeText.Bytes + 2)..];
        }

        return bytes;
    }

    private int TakeAcks(out bool isAskedForSign)
    {
        var acks = 0;
        isAskedForSign = false;
        while (NatsMessage.TryRead(_connection.Received, out var message))
        {
            isAskedForSign |= message.Kind == NatsKind.Ping;
            if (message.Kind == NatsKind.Message)
                acks++;
            if (message.Payload.IndexOf("\"error\""u8) >= 0)
                throw new InvalidOperationException($"JetStream refused an event: {Encoding.UTF8.GetString(message.Payload)}");
            _connection.Taken(message.Bytes);
        }

        return acks;
    }
}
