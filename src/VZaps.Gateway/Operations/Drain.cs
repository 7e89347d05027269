using VZaps.Gateway.Http;
using VZaps.Gateway.Realtime;

namespace VZaps.Gateway.Operations;

/// <summary>
/// The orderly end, on SIGTERM or Ctrl+C: not ready, nobody new, and a close with 1001 for everyone who is there. The
/// server then waits for what is still being answered; positions are saved behind it.
/// </summary>
internal sealed partial class Drain(DrainState state, ConnectionRegistry connections, ILogger<Drain> logger) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs before any service is stopped.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        state.Begin();
        var live = connections.All;
        LogDraining(logger, live.Count);
        foreach (var connection in live)
            connection.Close(CloseCode.GoingAway, "the server is going away");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(2301, LogLevel.Information, "Draining: no new connections are taken, and {Connections} are closed with 1001.")]
    private static partial void LogDraining(ILogger logger, int connections);
}
