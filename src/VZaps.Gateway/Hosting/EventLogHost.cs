using VZaps.Gateway.Delivery;
using VZaps.Gateway.Ingest;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Log;
using VZaps.Gateway.Realtime;

namespace VZaps.Gateway.Hosting;

/// <summary>Opens the log before the first request, and ties to it those who listen: the feeds, and the instances' connection state.</summary>
internal sealed class EventLogHost(
    IEventLogEngine engine,
    InstanceFeeds feeds,
    InstanceDirectory instances,
    Revocations revocations,
    ConnectionRegistry connections,
    ConsumerRemoval consumerRemoval) : IHostedService, IAsyncDisposable
{
    private IEventLog? _log;

    /// <summary>The open log.</summary>
    /// <exception cref="InvalidOperationException">The gateway has not been started.</exception>
    public IEventLog Log => _log ?? throw new InvalidOperationException("The log is open once the gateway has started.");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var connectedState = new ConnectedState(instances);
        _log = await engine.OpenAsync(new CommitListeners(feeds, connectedState), cancellationToken);
        await connectedState.CatchUpAsync(_log, cancellationToken);
        revocations.Add(connections);
        revocations.Add(consumerRemoval);
    }

    // Not at the stop: until the server has stopped there may be a publish to finish, and it stops last but for this.
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => _log?.DisposeAsync() ?? ValueTask.CompletedTask;
}
