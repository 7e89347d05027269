using System.Net;
using System.Net.Sockets;

namespace VZaps.Gateway.Outbound;

/// <summary>Makes the connections of a <see cref="SocketsHttpHandler"/>: each to an address that was checked for this connection.</summary>
/// <remarks>A name is looked up once, and what is connected to is what that lookup gave: a check followed by a connect by name would look it up
/// a second time, and the owner of the name would answer the two differently.</remarks>
internal sealed class GuardedConnect(CheckedHosts hosts)
{
    // An address that swallows packets may not cost the ones behind it their turn.
    private static readonly TimeSpan EachAddress = TimeSpan.FromSeconds(4);

    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="OutboundRefusedException">The host may not be called.</exception>
    /// <exception cref="SocketException">None of its addresses took the connection.</exception>
    public ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellationToken);

    private async ValueTask<Stream> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        var addresses = Alternating(await hosts.FindAsync(host, cancellationToken));
        for (var place = 0; ; place++)
        {
            var isLast = place == addresses.Count - 1;
            try
            {
                return await ConnectAsync(new IPEndPoint(addresses[place], port), isLast ? Timeout.InfiniteTimeSpan : EachAddress, cancellationToken);
            }
            catch (Exception failed) when (!isLast && !cancellationToken.IsCancellationRequested && failed is SocketException or OperationCanceledException)
            {
                // The next address.
            }
        }
    }

    private static async Task<Stream> ConnectAsync(IPEndPoint to, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(atMost);
            await socket.ConnectAsync(to, limit.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The families in turn, in the resolver's order: where one of them is broken, every second try still gets through.</summary>
    private static List<IPAddress> Alternating(IReadOnlyList<IPAddress> addresses)
    {
        var first = addresses.Where(address => address.AddressFamily == addresses[0].AddressFamily).ToArray();
        var second = addresses.Where(address => address.AddressFamily != addresses[0].AddressFamily).ToArray();
        var mixed = new List<IPAddress>(addresses.Count);
        for (var place = 0; place < Math.Max(first.Length, second.Length); place++)
        {
            if (place < first.Length)
                mixed.Add(first[place]);
            if (place < second.Length)
                mixed.Add(second[place]);
        }

        return mixed;
    }
}
