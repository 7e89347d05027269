using System.Buffers.Binary;
using System.Net;
using System.Text;
using VZaps.LoadTest.Events;
using VZaps.LoadTest.Systems;

namespace VZaps.LoadTest.Wire;

/// <summary>
/// A subscriber that costs little: frames are read where they arrived, and the acks of what came in one read leave in one write, a
/// frame each. With the extension one ack stands for the whole read.
/// </summary>
internal sealed class WebSocketSubscription : ISubscription
{
    private const int Text = 1, Close = 8, Ping = 9;
    private readonly RawConnection _connection;
    private readonly IEventTaker _taker;
    private readonly AckWriter _acks;
    private readonly Task _reading;
    private volatile bool _isClosing;

    private WebSocketSubscription(RawConnection connection, IEventTaker taker, AckWriter acks)
    {
        (_connection, _taker, _acks) = (connection, taker, acks);
        _reading = ReadAsync();
    }

    /// <param name="endpoint">Where.</param>
    /// <param name="target">Path and query.</param>
    /// <param name="credentials">Header lines.</param>
    /// <param name="isExtended">Whether to ask for the extension.</param>
    /// <param name="sent">Gets how many acks were sent.</param>
    /// <param name="taker">Gets the events.</param>
    public static async Task<ISubscription> OpenAsync(IPEndPoint endpoint, string target, string credentials, bool isExtended, SentAcks sent, IEventTaker taker)
    {
        var connection = await RawConnection.OpenAsync(endpoint);
        var extension = isExtended ? "Sec-WebSocket-Protocol: vzaps.ext.1\r\n" : "";
        await connection.SendAsync(Encoding.ASCII.GetBytes(
            $"GET {target} HTTP/1.1\r\nHost: {endpoint}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{extension}{credentials}\r\n"));
        var head = await connection.ReceiveHeadAsync();
        if (!head.StartsWith("HTTP/1.1 101", StringComparison.Ordinal))
            throw new HttpRequestException($"No connection to {target.Split('?')[0]}: {head.Split('\r')[0]} {Encoding.UTF8.GetString(connection.Received)}");
        return new WebSocketSubscription(connection, taker, new AckWriter(isExtended, sent));
    }

    public async ValueTask DisposeAsync()
    {
        _isClosing = true;
        await _connection.SendAsync(AckWriter.CloseFrame);
        await _reading;
        _connection.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                _connection.Taken(Take(_connection.Received, out var isClosed));
                if (_acks.Length > 0)
                    await _connection.SendAsync(_acks.Take());
                if (isClosed)
                    break;
                await _connection.ReceiveAsync();
            }
        }
        catch (Exception) when (_isClosing)
        {
            return; // asked for; not every server says goodbye
        }
        catch (Exception failure)
        {
            _taker.Fail(failure);
            return;
        }

        if (!_isClosing)
            _taker.Fail(new EndOfStreamException("The server sent a close frame."));
    }

    private int Take(ReadOnlySpan<byte> received, out bool isClosed)
    {
        var taken = 0;
        isClosed = false;
        while (!isClosed && TryCut(received[taken..], out var opcode, out var header, out var payload))
        {
            var message = received.Slice(taken + header, payload);
            if (opcode == Text)
                TakeText(message);
            else if (opcode == Ping)
                _acks.Pong(message);
            isClosed = opcode == Close;
            taken += header + payload;
        }

        _acks.EndOfRead();
        return taken;
    }

    private void TakeText(ReadOnlySpan<byte> message)
    {
        if (EnvelopeText.IsEvent(message))
            TakeEvent(message);
        else if (message[0] == (byte)'[')
            TakeBatch(message[1..]);
    }

    private void TakeBatch(ReadOnlySpan<byte> envelopes)
    {
        while (EnvelopeText.IsEvent(envelopes))
        {
            TakeEvent(envelopes);
            // A redelivered one is a little longer than the others.
            var rest = envelopes[(EnvelopeText.Bytes - 1)..];
            var next = rest.IndexOf(",{\"id\":\"evt_"u8);
            envelopes = next < 0 ? [] : rest[(next + 1)..];
        }
    }

    private void TakeEvent(ReadOnlySpan<byte> envelope)
    {
        _taker.Take(EnvelopeText.NumberOf(envelope));
        _acks.Add(envelope.Slice(EnvelopeText.IdOffset, EnvelopeText.IdLength));
    }

    /// <summary>A server's frame: two bytes, or four or ten with the length, and no mask.</summary>
    private static bool TryCut(ReadOnlySpan<byte> bytes, out int opcode, out int header, out int payload)
    {
        (opcode, header, payload) = (0, 2, 0);
        if (bytes.Length < 2)
            return false;
        opcode = bytes[0] & 0xF;
        payload = bytes[1];
        if (payload == 126)
        {
            if (bytes.Length < 4)
                return false;
            (header, payload) = (4, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]));
        }
        else if (payload == 127)
        {
            if (bytes.Length < 10)
                return false;
            (header, payload) = (10, (int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]));
        }

        return bytes.Length >= header + payload;
    }
}
