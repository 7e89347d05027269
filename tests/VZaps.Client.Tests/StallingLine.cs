using System.Net;
using System.Net.Sockets;

namespace VZaps.Client.Tests;

/// <summary>A TCP line between client and server that can stop passing bytes without closing: a half-open connection.</summary>
internal sealed class StallingLine : IAsyncDisposable
{
    private readonly Uri _server;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _accepting;
    private CancellationTokenSource _stall = new();

    public StallingLine(Uri server)
    {
        _server = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"ws://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>The connections of now pass nothing any more; later ones do.</summary>
    public void Stall() => Interlocked.Exchange(ref _stall, new CancellationTokenSource()).Cancel();

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        var passing = new List<Task>();
        try
        {
            while (true)
                passing.Add(PassAsync(await _listener.AcceptTcpClientAsync(_ended.Token), _stall.Token));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(passing);
        }
    }

    private async Task PassAsync(TcpClient near, CancellationToken stalled)
    {
        using var far = new TcpClient();
        using (near)
        {
            await far.ConnectAsync(_server.Host, _server.Port);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(stalled, _ended.Token);
            try
            {
                await Task.WhenAny(near.GetStream().CopyToAsync(far.GetStream(), stop.Token), far.GetStream().CopyToAsync(near.GetStream(), stop.Token));
            }
            catch (IOException)
            {
                return;
            }

            // Stalled: both ends stay open and hear nothing, until the test is over.
            if (stalled.IsCancellationRequested)
                await Task.Delay(Timeout.Infinite, _ended.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }
}
