using System.Collections.Concurrent;

namespace VZaps.Gateway.Realtime;

/// <summary>
/// The connections that have something out: only they can have something due, and of thousands most have not. <see cref="Add"/> may
/// be called from anywhere, <see cref="Look"/> by one thread at a time.
/// </summary>
internal sealed class BusyConnections
{
    private readonly ConcurrentQueue<RealtimeConnection> _added = new();
    private readonly List<RealtimeConnection> _busy = [];

    /// <summary>A connection has something out, or may have.</summary>
    public void Add(RealtimeConnection connection)
    {
        if (connection.TryMarkBusy())
            _added.Enqueue(connection);
    }

    /// <summary>Looks whether something is due, and lets go of those that have nothing out any more.</summary>
    public void Look()
    {
        while (_added.TryDequeue(out var added))
            _busy.Add(added);
        _busy.RemoveAll(static connection =>
        {
            connection.LookAtDeliveries();
            return connection.TryMarkIdle();
        });
    }
}
