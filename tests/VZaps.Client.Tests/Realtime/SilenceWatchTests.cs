using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using VZaps.Client.Realtime;

namespace VZaps.Client.Tests.Realtime;

/// <summary>.NET 8 alone uses it; here it runs on every framework.</summary>
public sealed class SilenceWatchTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly FakeTimeProvider _time = new();
    private readonly NetworkStream _near;
    private readonly NetworkStream _far;

    public SilenceWatchTests()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        near.Connect(listener.LocalEndpoint);
        (_near, _far) = (new NetworkStream(near, ownsSocket: true), new NetworkStream(listener.AcceptSocket(), ownsSocket: true));
    }

    public void Dispose()
    {
        _near.Dispose();
        _far.Dispose();
    }

    [Fact]
    public async Task A_read_that_waits_for_longer_than_the_limit_ends_with_an_error_that_says_so()
    {
        await using var watch = new SilenceWatch(_near, Limit, _time);
        var read = watch.ReadAsync(new byte[1]).AsTask();
        _time.Advance(Limit - TimeSpan.FromSeconds(1));
        Assert.False(read.IsCompleted);
        _time.Advance(Limit);
        var error = await Assert.ThrowsAnyAsync<IOException>(() => read.OrFailAsync());
        Assert.Contains("no sign of life for 00:01:00", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_byte_starts_the_time_anew()
    {
        await using var watch = new SilenceWatch(_near, Limit, _time);
        for (var i = 0; i < 5; i++)
        {
            var read = watch.ReadAsync(new byte[1]).AsTask();
            _time.Advance(Limit * 0.7);
            await _far.WriteAsync("x"u8.ToArray());
            Assert.Equal(1, await read.OrFailAsync());
        }
    }

    [Fact]
    public async Task Time_in_which_nobody_reads_does_not_count()
    {
        await using var watch = new SilenceWatch(_near, Limit, _time);
        _time.Advance(Limit * 10);
        await _far.WriteAsync("x"u8.ToArray());
        Assert.Equal(1, await watch.ReadAsync(new byte[1]).AsTask().OrFailAsync());
    }
}
