using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VZaps.LoadTest.Wire;

/// <summary>A socket and the bytes that came over it and were not taken yet. Its memory grows with what comes and no further.</summary>
internal sealed class RawConnection : IDisposable
{
    private const int FirstBufferBytes = 2 << 10;
    private const int UsualLimitBytes = 256 << 10;
    private readonly Socket _socket;
    private byte[] _buffer = new byte[FirstBufferBytes];
    private int _start, _end;
    private bool _wasFilled;

    private RawConnection(Socket socket) => _socket = socket;

    /// <summary>What came and was not taken.</summary>
    public Span<byte> Received => _buffer.AsSpan(_start, _end - _start);

    public static async Task<RawConnection> OpenAsync(IPEndPoint endpoint)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endpoint);
        return new RawConnection(socket);
    }

    public ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes) => _socket.SendAsync(bytes);

    /// <summary>Waits for more.</summary>
    /// <exception cref="EndOfStreamException">The other end has closed.</exception>
    public async ValueTask ReceiveAsync()
    {
        MakeRoom();
        var read = await _socket.ReceiveAsync(_buffer.AsMemory(_end));
        if (read == 0)
            throw new EndOfStreamException("The server closed the connection.");
        _end += read;
        _wasFilled = _end == _buffer.Length; // then more is waiting, and a larger buffer saves calls
    }

    public void Taken(int bytes)
    {
        _start += bytes;
        if (_start == _end)
            (_start, _end) = (0, 0);
    }

    /// <summary>Receives up to the end of an HTTP head; returns it, taken.</summary>
    public async Task<string> ReceiveHeadAsync()
    {
        while (true)
        {
            var end = Received.IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                var head = Encoding.ASCII.GetString(Received[..end]);
                Taken(end + 4);
                return head;
            }

            await ReceiveAsync();
        }
    }

    public void Dispose() => _socket.Dispose();

    private void MakeRoom()
    {
        if (_start > 0)
        {
            Received.CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end > _buffer.Length / 2 || (_wasFilled && _buffer.Length < UsualLimitBytes))
            Array.Resize(ref _buffer, _buffer.Length * 2);
    }
}
