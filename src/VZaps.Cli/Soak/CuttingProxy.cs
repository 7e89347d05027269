using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace VZaps.Cli.Soak;

/// <summary>A TCP proxy before the gateway that resets each connection after a random time, most often in the middle of a frame.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentDictionary<ProxiedConnection, Task> _connections = new();
    private readonly IPEndPoint _target;
    private readonly TimeSpan _cutEvery;
    private readonly Random _random;
    private readonly Task _accepting;
    private volatile bool _isPeaceful;
    private long _cuts;

    /// <summary>Listens on a free loopback port.</summary>
    /// <param name="target">Where to pass everything on to.</param>
    /// <param name="cutEvery">How long a connection lives on average; each lives 0.4 to 1.6 times that.</param>
    /// <param name="seed">Of the times.</param>
    public CuttingProxy(IPEndPoint target, TimeSpan cutEvery, int seed)
    {
        (_target, _cutEvery, _random) = (target, cutEvery, new Random(seed));
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"ws://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}");

    /// <summary>How many connections it has cut.</summary>
    public long Cuts => Interlocked.Read(ref _cuts);

    /// <summary>From now on it cuts nothing.</summary>
    public void StopCutting() => _isPeaceful = true;

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections.Values);
        _ending.Dispose();
    }

    // One task accepts, so the random numbers need no lock.
    private async Task AcceptAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptAsync(_ending.Token);
                var life = _cutEvery * (0.4 + (1.2 * _random.NextDouble()));
                var connection = new ProxiedConnection(client, life, lastBytes: _random.Next(1, 4_096), () => !_isPeaceful);
                _connections[connection] = RunAsync(connection);
            }
            catch (Exception end) when (end is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                // The proxy is closed, or a client was gone before it was taken.
            }
        }
    }

    private async Task RunAsync(ProxiedConnection connection)
    {
        // The dictionary has to know it before it takes it out again.
        await Task.Yield();
        if (await connection.RunAsync(_target, _ending.Token))
            Interlocked.Increment(ref _cuts);
        _connections.TryRemove(connection, out _);
    }
}
