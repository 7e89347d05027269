using VZaps.Gateway.Http;
using VZaps.Gateway.Realtime;

namespace VZaps.Gateway.Operations;

/// <summary>
/// The orderly end, on SIGTERM or Ctrl+C: not ready, nobody new, a <c>goaway</c> for clients of the extension and some time
/// to follow it, and a close with 1001 for everyone who is still there. The server then waits for what is still being
/// answered; positions are saved behind it.
/// </summary>
internal sealed partial class Drain(
    DrainState state, ConnectionRegistry connections, TimeProvider time, ILogger<Drain> logger) : IHostedLifecycleService
{
    /// <summary>How long clients that were told to go have for it.</summary>
    public static readonly TimeSpan GoAwayTimeout = TimeSpan.FromSeconds(3);

    /// <summary>When a client that was told to go may come back: by then another process, or the next one, is mostly there.</summary>
    public static readonly TimeSpan ReconnectAfter = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs before any service is stopped.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        state.Begin();
        var live = connections.All;
        LogDraining(logger, live.Count);
        foreach (var connection in live)
        {
            if (connection.Info.IsExtended)
                connection.SayGoAway(ReconnectAfter);
            else
                Close(connection);
        }

        var began = time.GetTimestamp();
        while (connections.All.Any(connection => connection.Info.IsExtended) && time.GetElapsedTime(began) < GoAwayTimeout && !cancellationToken.IsCancellationRequested)
            await Task.Delay(LookInterval, time, CancellationToken.None);
        foreach (var connection in connections.All)
            Close(connection);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static void Close(RealtimeConnection connection) => connection.Close(CloseCode.GoingAway, "the server is going away");

    [LoggerMessage(2301, LogLevel.Information, "Draining: no new connections are taken, and {Connections} are asked to go.")]
    private static partial void LogDraining(ILogger logger, int connections);
}
