using System.Net;
using System.Net.Sockets;
using Xunit;

namespace VZaps.EndToEnd.Faults;

/// <summary>The proxy does what the tests over it rely on: here both of its ends are in hand.</summary>
public sealed class FaultProxyTests : IAsyncDisposable
{
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly FaultProxy _proxy;

    public FaultProxyTests()
    {
        _server.Start();
        _proxy = new FaultProxy($"http://127.0.0.1:{((IPEndPoint)_server.LocalEndpoint).Port}");
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _server.Dispose();
    }

    [Fact]
    public async Task It_passes_on_what_it_is_given_and_the_end()
    {
        var (client, server) = await ConnectAsync(new LineFaults { ByteByByte = true, Delay = TimeSpan.FromMilliseconds(1) });
        await client.SendAsync(new byte[1_000], Cancelled);
        client.Shutdown(SocketShutdown.Send);
        await server.SendAsync(new byte[500], Cancelled);
        server.Shutdown(SocketShutdown.Send);
        Assert.Equal(1_000, await ReadToEndAsync(server));
        Assert.Equal(500, await ReadToEndAsync(client));
    }

    [Fact]
    public async Task A_cut_comes_at_its_byte_and_not_before()
    {
        var (client, server) = await ConnectAsync(new LineFaults { CutAfterBytesToClient = 77, How = LineEnd.Fin });
        await server.SendAsync(new byte[76], Cancelled);
        var buffer = new byte[1_000];
        for (var read = 0; read < 76;)
            read += await client.ReceiveAsync(buffer, Cancelled);
        await server.SendAsync(new byte[100], Cancelled);
        Assert.Equal(1, await ReadToEndAsync(client));
    }

    [Fact]
    public async Task A_cut_may_be_announced_to_the_client_by_a_close_frame()
    {
        var (client, server) = await ConnectAsync(new LineFaults { CutAfterBytesToClient = 10, ClosesFirst = true, How = LineEnd.Fin });
        await server.SendAsync(new byte[50], Cancelled);
        Assert.Equal(14, await ReadToEndAsync(client));
    }

    [Fact]
    public async Task A_reset_is_a_reset_to_both_sides()
    {
        var (client, server) = await ConnectAsync(LineFaults.None);
        await client.SendAsync(new byte[1], Cancelled);
        await server.ReceiveAsync(new byte[1], Cancelled);
        _proxy.CutAll(LineEnd.Reset);
        Assert.Equal(SocketError.ConnectionReset, (await Assert.ThrowsAsync<SocketException>(() => ReadToEndAsync(client))).SocketErrorCode);
        Assert.Equal(SocketError.ConnectionReset, (await Assert.ThrowsAsync<SocketException>(() => ReadToEndAsync(server))).SocketErrorCode);
    }

    [Fact]
    public async Task A_stall_loses_nothing()
    {
        var (client, server) = await ConnectAsync(new LineFaults { Stalled = true });
        await server.SendAsync(new byte[100], Cancelled);
        server.Shutdown(SocketShutdown.Send);
        var reading = ReadToEndAsync(client);
        Assert.False(reading.IsCompleted);
        _proxy.Set(LineFaults.None);
        Assert.Equal(100, await reading);
    }

    [Fact]
    public async Task A_deaf_side_hears_nothing_any_more_though_the_other_direction_works()
    {
        var (client, server) = await ConnectAsync(new LineFaults { DeafClient = true });
        await server.SendAsync(new byte[100], Cancelled);
        var hearing = client.ReceiveAsync(new byte[100], Cancelled).AsTask();
        await client.SendAsync(new byte[1], Cancelled);
        Assert.Equal(1, await server.ReceiveAsync(new byte[100], Cancelled));
        server.Dispose();
        await client.SendAsync(new byte[1], Cancelled);
        Assert.False(hearing.IsCompleted);
        _proxy.CutAll(LineEnd.Fin);
        Assert.Equal(0, await hearing);
    }

    private async Task<(Socket Client, Socket Server)> ConnectAsync(LineFaults faults)
    {
        _proxy.Set(faults);
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var accepting = _server.AcceptSocketAsync(Cancelled);
        await client.ConnectAsync(IPEndPoint.Parse(_proxy.Address), Cancelled);
        return (client, await accepting);
    }

    private static async Task<int> ReadToEndAsync(Socket side)
    {
        var buffer = new byte[64 * 1024];
        var total = 0;
        while (await side.ReceiveAsync(buffer, Cancelled) is > 0 and var read)
            total += read;
        return total;
    }
}
