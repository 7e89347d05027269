using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using VZaps.Client.Realtime;

namespace VZaps.Client.Subscribing;

/// <summary>The connection that is open now, for what is said to the server.</summary>
/// <remarks>Thread-safe. Nothing here throws: a connection that is gone swallows what is sent, and the server's account makes up for it.</remarks>
internal sealed partial class Uplink(ILogger logger)
{
    private volatile RealtimeConnection? _connection;
    private volatile ConnectionOpened? _introduction;

    /// <summary>The open connection, if its server agreed to the extension.</summary>
    public RealtimeConnection? Extended => _connection is { IsExtended: true } extended ? extended : null;

    /// <summary>How the server introduced the open connection; null while there is none.</summary>
    public ConnectionOpened? Introduction => _introduction;

    public void Attach(RealtimeConnection connection) => _connection = connection;

    /// <summary>The open connection was introduced.</summary>
    public void Introduce(ConnectionOpened introduction) => _introduction = introduction;

    public void Detach() => (_connection, _introduction) = (null, null);

    /// <summary>Sends one message.</summary>
    /// <returns>False where the connection is gone.</returns>
    public Task<bool> TrySendAsync(RealtimeConnection connection, ReadOnlyMemory<byte> message) => TryAsync(connection.SendAsync(message));

    /// <summary>Sends frames that are ready.</summary>
    /// <inheritdoc cref="TrySendAsync"/>
    public Task<bool> TrySendFramesAsync(RealtimeConnection connection, ReadOnlyMemory<byte> frames) => TryAsync(connection.SendFramesAsync(frames));

    private async Task<bool> TryAsync(Task sending)
    {
        try
        {
            await sending.ConfigureAwait(false);
            return true;
        }
        catch (Exception gone) when (gone is WebSocketException or ObjectDisposedException or InvalidOperationException or IOException or OperationCanceledException)
        {
            LogUnsent(logger, gone.Message);
            return false;
        }
    }

    [LoggerMessage(1301, LogLevel.Debug, "A frame was not sent, as the connection is gone: {Reason}. Acks go over the next one.")]
    private static partial void LogUnsent(ILogger logger, string reason);
}
