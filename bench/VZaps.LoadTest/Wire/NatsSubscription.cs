using System.Net;
using VZaps.LoadTest.Events;
using VZaps.LoadTest.Systems;

namespace VZaps.LoadTest.Wire;

/// <summary>Receives what a JetStream consumer delivers; the acks of what came in one read leave in one write, one each.</summary>
internal sealed class NatsSubscription : ISubscription
{
    private readonly RawConnection _connection;
    private readonly IEventTaker _taker;
    private readonly Task _reading;
    private byte[] _answers = [];
    private int _length;
    private volatile bool _isClosing;

    private NatsSubscription(RawConnection connection, IEventTaker taker)
    {
        (_connection, _taker) = (connection, taker);
        _reading = ReadAsync();
    }

    public static byte[] Pong { get; } = [.. "PONG\r\n"u8];

    public static async Task<ISubscription> OpenAsync(IPEndPoint endpoint, string subject, IEventTaker taker)
    {
        var connection = await NatsSession.OpenAsync(endpoint);
        // Events may come with the answer to this; they wait in the connection's buffer.
        await connection.SendAsync(System.Text.Encoding.ASCII.GetBytes($"SUB {subject} 1\r\n"));
        return new NatsSubscription(connection, taker);
    }

    public async ValueTask DisposeAsync()
    {
        _isClosing = true;
        _connection.Dispose();
        await _reading;
    }

    private async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                await _connection.ReceiveAsync();
                Take();
                if (_length > 0)
                    await _connection.SendAsync(_answers.AsMemory(0, _length));
                _length = 0;
            }
        }
        catch (Exception) when (_isClosing)
        {
            // Asked for.
        }
        catch (Exception failure)
        {
            _taker.Fail(failure);
        }
    }

    private void Take()
    {
        while (NatsMessage.TryRead(_connection.Received, out var message))
        {
            if (message.Kind == NatsKind.Ping)
                Answer(Pong, [], []);
            if (message.Kind == NatsKind.Message)
            {
                _taker.Take(EnvelopeText.NumberOf(message.Payload));
                Answer("PUB "u8, message.ReplyTo, " 0\r\n\r\n"u8); // an empty message is an ack
            }

            _connection.Taken(message.Bytes);
        }
    }

    private void Answer(ReadOnlySpan<byte> start, ReadOnlySpan<byte> middle, ReadOnlySpan<byte> end)
    {
        var bytes = start.Length + middle.Length + end.Length;
        if (_answers.Length < _length + bytes)
            Array.Resize(ref _answers, Math.Max(_answers.Length * 2, _length + bytes));
        start.CopyTo(_answers.AsSpan(_length));
        middle.CopyTo(_answers.AsSpan(_length + start.Length));
        end.CopyTo(_answers.AsSpan(_length + start.Length + middle.Length));
        _length += bytes;
    }
}
