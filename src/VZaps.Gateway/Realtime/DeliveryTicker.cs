namespace VZaps.Gateway.Realtime;

/// <summary>One timer for all connections: wakes those that have something due, and ends those that stall.</summary>
internal sealed class DeliveryTicker(ConnectionRegistry connections, BusyConnections busy, TimeProvider time) : IHostedService, IDisposable
{
    /// <summary>How late a redelivery may be.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>How many ticks there are to one look at the peers themselves: pings and stalls are matters of seconds.</summary>
    private const int TicksToPeers = 10;

    private ITimer? _timer;
    private int _isLooking;
    private int _ticks;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = time.CreateTimer(_ => Look(), state: null, Interval, Interval);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _timer?.Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _timer?.Dispose();

    private void Look()
    {
        // A tick that comes while the last one is at it has nothing to add.
        if (Interlocked.Exchange(ref _isLooking, 1) != 0)
            return;
        busy.Look();
        if (++_ticks % TicksToPeers == 0)
        {
            foreach (var connection in connections.All)
                connection.LookAtPeer();
        }

        Volatile.Write(ref _isLooking, 0);
    }
}
