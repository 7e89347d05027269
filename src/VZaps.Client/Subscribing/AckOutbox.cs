using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using VZaps.Client.Realtime;
using VZaps.Client.Telemetry;

namespace VZaps.Client.Subscribing;

/// <summary>
/// Sends acks over whatever connection is open, and the latest of them again over the next one. A cut loses acks without a
/// trace, and so does handling an event while there is no connection; as the new connection's cursor is past those events,
/// the server would take them for skipped.
/// </summary>
/// <remarks>Thread-safe. Nothing here throws: an ack that was not sent is sent again, or costs a redelivery.</remarks>
internal sealed partial class AckOutbox(int capacity, ILogger logger)
{
    /// <summary>How many acks the gateway can be waiting for on one connection: no more than these can have been lost in a cut.</summary>
    public const int ServerWindow = 1_024;

    private readonly Lock _gate = new();
    private readonly Queue<string> _latest = new();
    private RealtimeConnection? _connection;

    /// <summary>A connection is open: acks go there, first the latest ones.</summary>
    public async Task AttachAsync(RealtimeConnection connection)
    {
        string[] repeat;
        lock (_gate)
        {
            _connection = connection;
            repeat = [.. _latest];
        }

        foreach (var id in repeat)
        {
            if (!await TrySendAsync(connection, id).ConfigureAwait(false))
                return;
        }
    }

    public void Detach()
    {
        lock (_gate)
            _connection = null;
    }

    /// <summary>Acks a handled event, now or when there is a connection again.</summary>
    public async Task AckAsync(string id)
    {
        RealtimeConnection? connection;
        lock (_gate)
        {
            _latest.Enqueue(id);
            if (_latest.Count > capacity)
                _latest.Dequeue();
            connection = _connection;
        }

        if (connection is not null)
            await TrySendAsync(connection, id).ConfigureAwait(false);
    }

    private async Task<bool> TrySendAsync(RealtimeConnection connection, string id)
    {
        try
        {
            await connection.SendAsync(AckFrame.Write(id)).ConfigureAwait(false);
            ClientTelemetry.Acked.Add(1);
            return true;
        }
        catch (Exception gone) when (gone is WebSocketException or ObjectDisposedException or InvalidOperationException or IOException or OperationCanceledException)
        {
            LogUnsent(logger, id, gone.Message);
            return false;
        }
    }

    [LoggerMessage(1301, LogLevel.Debug, "The ack of {EventId} was not sent: {Reason}. It goes over the next connection.")]
    private static partial void LogUnsent(ILogger logger, string eventId, string reason);
}
