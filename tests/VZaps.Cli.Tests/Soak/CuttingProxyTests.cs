using System.Net;
using System.Net.Sockets;
using VZaps.Cli.Soak;
using VZaps.Cli.Tests.Fixtures;
using Xunit;

namespace VZaps.Cli.Tests.Soak;

public sealed class CuttingProxyTests : IDisposable
{
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);

    public CuttingProxyTests() => _server.Start();

    [Fact]
    public async Task What_goes_in_comes_out_both_ways_while_it_does_not_cut()
    {
        await using var proxy = new CuttingProxy((IPEndPoint)_server.LocalEndpoint, TimeSpan.FromHours(1), seed: 1);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, proxy.Address.Port);
        using var server = await _server.AcceptTcpClientAsync();
        var sent = new byte[1_000_000];
        new Random(1).NextBytes(sent);

        Assert.Equal(sent, await PassAsync(client, server, sent));
        Assert.Equal(sent, await PassAsync(server, client, sent));
        Assert.Equal(0, proxy.Cuts);
    }

    [Fact]
    public async Task A_connection_is_reset_when_its_time_is_over_and_the_next_one_is_taken()
    {
        await using var proxy = new CuttingProxy((IPEndPoint)_server.LocalEndpoint, TimeSpan.FromMilliseconds(20), seed: 1);
        for (var i = 1; i <= 3; i++)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, proxy.Address.Port);
            await Assert.ThrowsAsync<IOException>(async () => await client.GetStream().ReadExactlyAsync(new byte[1]));
            var cuts = i;
            await Wait.UntilAsync(() => proxy.Cuts == cuts, $"{cuts} cuts");
        }
    }

    [Fact]
    public async Task Once_it_is_told_so_it_cuts_no_more()
    {
        await using var proxy = new CuttingProxy((IPEndPoint)_server.LocalEndpoint, TimeSpan.FromMilliseconds(1), seed: 1);
        proxy.StopCutting();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, proxy.Address.Port);
        using var server = await _server.AcceptTcpClientAsync();
        for (var i = 0; i < 100; i++)
            Assert.Equal([(byte)i], await PassAsync(client, server, [(byte)i]));
        Assert.Equal(0, proxy.Cuts);
    }

    [Fact]
    public async Task A_client_is_let_go_when_the_server_is_down()
    {
        _server.Stop();
        await using var proxy = new CuttingProxy((IPEndPoint)_server.LocalEndpoint, TimeSpan.FromHours(1), seed: 1);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, proxy.Address.Port);
        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1]));
    }

    public void Dispose() => _server.Dispose();

    private static async Task<byte[]> PassAsync(TcpClient from, TcpClient to, byte[] sent)
    {
        var writing = from.GetStream().WriteAsync(sent).AsTask();
        var received = new byte[sent.Length];
        await to.GetStream().ReadExactlyAsync(received);
        await writing;
        return received;
    }
}
