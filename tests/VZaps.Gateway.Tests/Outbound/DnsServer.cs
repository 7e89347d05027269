using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VZaps.Gateway.Tests.Outbound;

/// <summary>A name server on loopback whose answers the test changes while it runs. Knows A and AAAA; what it does not know does not exist.</summary>
internal sealed class DnsServer : IAsyncDisposable
{
    private const int HeaderBytes = 12;
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly ConcurrentDictionary<string, Func<IPAddress[]>> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _answering;
    private int _questions;

    public DnsServer()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _answering = AnswerAsync();
    }

    public IPEndPoint Address => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Questions answered so far; a lookup asks two, one of each type.</summary>
    public int Questions => Volatile.Read(ref _questions);

    /// <summary>From now on the name has these addresses.</summary>
    public void Set(string name, params string[] addresses)
    {
        IPAddress[] parsed = [.. addresses.Select(IPAddress.Parse)];
        _names[name] = () => parsed;
    }

    /// <summary>The name has the first addresses in its first lookup, and the second ones in each later one.</summary>
    public void SetChanging(string name, string first, string then)
    {
        var asked = 0;
        // Two questions, one of each type, make a lookup.
        _names[name] = () => [IPAddress.Parse(Interlocked.Increment(ref asked) <= 2 ? first : then)];
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _answering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
        _ended.Dispose();
    }

    private async Task AnswerAsync()
    {
        var buffer = new byte[512];
        while (true)
        {
            var received = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _ended.Token);
            await _socket.SendToAsync(Answer(buffer.AsSpan(0, received.ReceivedBytes)), received.RemoteEndPoint, _ended.Token);
        }
    }

    private byte[] Answer(ReadOnlySpan<byte> question)
    {
        var (name, type, end) = Read(question);
        var family = type == DnsResolver.Aaaa ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        var known = _names.TryGetValue(name, out var addresses);
        IPAddress[] found = known ? [.. addresses!().Where(address => address.AddressFamily == family)] : [];
        using var answer = new MemoryStream();
        answer.Write(question[..end]);
        foreach (var address in found)
        {
            var bytes = address.GetAddressBytes();
            // The name by a pointer to the question, the type, class IN, a TTL of 0, the length.
            answer.Write([0xC0, HeaderBytes, 0, (byte)type, 0, 1, 0, 0, 0, 0, 0, (byte)bytes.Length, .. bytes]);
        }

        var message = answer.ToArray();
        // An answer, recursion available, and whether the name exists.
        message[2] = 0x81;
        message[3] = (byte)(known ? 0x80 : 0x83);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(6), (ushort)found.Length);
        Interlocked.Increment(ref _questions);
        return message;
    }

    private static (string Name, int Type, int End) Read(ReadOnlySpan<byte> question)
    {
        var labels = new List<string>();
        var at = HeaderBytes;
        for (; question[at] != 0; at += question[at] + 1)
            labels.Add(Encoding.ASCII.GetString(question.Slice(at + 1, question[at])));
        return (string.Join('.', labels), BinaryPrimitives.ReadUInt16BigEndian(question[(at + 1)..]), at + 5);
    }
}
