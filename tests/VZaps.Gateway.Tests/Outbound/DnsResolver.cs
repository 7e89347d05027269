using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using VZaps.Gateway.Outbound;

namespace VZaps.Gateway.Tests.Outbound;

/// <summary>Asks the test's own name server, over UDP, where the gateway would ask the system's.</summary>
internal sealed class DnsResolver(IPEndPoint server) : IHostResolver
{
    public const int A = 1, Aaaa = 28;

    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken) =>
        [.. await AskAsync(host, A, cancellationToken), .. await AskAsync(host, Aaaa, cancellationToken)];

    private async Task<List<IPAddress>> AskAsync(string host, int type, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellationToken);
        byte[] name = [.. host.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];
        await socket.SendAsync((byte[])[0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. name, 0, (byte)type, 0, 1], cancellationToken);
        var buffer = new byte[512];
        var length = await socket.ReceiveAsync(buffer, cancellationToken);
        return Read(buffer.AsSpan(0, length), answersAt: 12 + name.Length + 4);
    }

    private static List<IPAddress> Read(ReadOnlySpan<byte> message, int answersAt)
    {
        if ((message[3] & 0xF) != 0)
            throw new SocketException((int)SocketError.HostNotFound);
        var addresses = new List<IPAddress>();
        var at = answersAt;
        for (var left = BinaryPrimitives.ReadUInt16BigEndian(message[6..]); left > 0; left--)
        {
            var bytes = message[at + 11];
            addresses.Add(new IPAddress(message.Slice(at + 12, bytes)));
            at += 12 + bytes;
        }

        return addresses;
    }
}
