using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Realtime;

/// <summary>
/// What is written to a client beside events: pings and pongs, and for a client of the extension what the server says. Queued
/// from anywhere, written by the sending loop, so that nobody else ever waits for a slow reader. Thread-safe.
/// </summary>
internal sealed class ControlFrames(WrittenStream stream, bool isExtended, WakeSignal wake, TimeProvider time)
{
    private const byte CloseFrame = 0x88, PingFrame = 0x89, PongFrame = 0x8A;
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PongTimeout = TimeSpan.FromSeconds(20);
    private static readonly byte[] Ping = [PingFrame, 0];

    private readonly ConcurrentQueue<byte[]> _said = new(); // hello, a goaway, and a gap now and then
    private byte[]? _pong; // the latest: an answer to it answers all before it
    private long _lastPingAt = time.GetTimestamp();
    private int _isPingDue;
    private long _awaitingPongSince; // 0 while none is awaited

    /// <summary>Queues a message, if the client understands it.</summary>
    public void Say(Func<byte[]> message)
    {
        if (!isExtended)
            return;
        _said.Enqueue(message());
        wake.Set();
    }

    /// <summary>Answers a ping.</summary>
    public void Pong(ReadOnlySpan<byte> payload)
    {
        Volatile.Write(ref _pong, [PongFrame, (byte)payload.Length, .. payload]);
        wake.Set();
    }

    /// <summary>The client has answered a ping.</summary>
    public void Ponged() => Volatile.Write(ref _awaitingPongSince, 0);

    /// <summary>Asks for a ping where it is time for one.</summary>
    /// <returns>False where the client has not answered the last one in time.</returns>
    public bool KeepAlive()
    {
        if (Volatile.Read(ref _awaitingPongSince) is var since and not 0)
            return time.GetElapsedTime(since) < PongTimeout;
        if (time.GetElapsedTime(Volatile.Read(ref _lastPingAt)) < PingInterval || Interlocked.Exchange(ref _isPingDue, 1) != 0)
            return true;
        wake.Set();
        return true;
    }

    /// <summary>Writes what is queued.</summary>
    public async ValueTask SendWaitingAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _pong) is not null && Interlocked.Exchange(ref _pong, null) is { } pong)
            await stream.WriteAsync(pong, cancellationToken);
        if (Volatile.Read(ref _isPingDue) != 0)
        {
            Volatile.Write(ref _lastPingAt, time.GetTimestamp());
            Volatile.Write(ref _awaitingPongSince, time.GetTimestamp());
            Volatile.Write(ref _isPingDue, 0);
            await stream.WriteAsync(Ping, cancellationToken);
        }

        while (_said.TryDequeue(out var message))
            await stream.WriteTextAsync(message, cancellationToken);
    }

    /// <summary>Writes the last frame.</summary>
    /// <param name="code">The close code.</param>
    /// <param name="text">At most 123 bytes of ASCII.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    public ValueTask SendCloseAsync(CloseCode code, string text, CancellationToken cancellationToken)
    {
        var frame = new byte[4 + text.Length];
        (frame[0], frame[1]) = (CloseFrame, (byte)(2 + text.Length));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)code);
        Encoding.ASCII.GetBytes(text, frame.AsSpan(4));
        return stream.WriteAsync(frame, cancellationToken);
    }
}
