using Microsoft.EntityFrameworkCore;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Webhooks;

/// <summary>
/// Saves how endpoints do and what they have passed over: whether they fail within a second, the rest twice a minute, each time in one transaction. What is lost
/// in a crash costs a second look at events that were filtered out, and never an event: what has a delivery is saved along with that.
/// </summary>
internal sealed partial class EndpointSaver(
    EndpointDirectory endpoints, IDbContextFactory<GatewayDatabase> databases, TimeProvider time, ILogger<EndpointSaver> logger) : BackgroundService
{
    private const int TicksToLazy = 30;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            for (var tick = 1; await timer.WaitForNextTickAsync(stoppingToken); tick++)
                await TrySaveAsync(withLazy: tick % TicksToLazy == 0);
        }
        catch (OperationCanceledException)
        {
            // The gateway stops: the rest is saved below.
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TrySaveAsync(withLazy: true);
    }

    private async Task TrySaveAsync(bool withLazy)
    {
        try
        {
            await SaveAsync(withLazy);
        }
        catch (Exception exception)
        {
            LogFailed(logger, exception);
        }
    }

    private async Task SaveAsync(bool withLazy)
    {
        // The versions are read before what is saved with them: what changes in between is saved once more.
        var changed = endpoints.All.Select(endpoint => (Endpoint: endpoint, Versions: (endpoint.Version, endpoint.LazyVersion)))
            .Where(change => change.Versions.Version != change.Endpoint.Saved.Version || (withLazy && change.Versions.LazyVersion != change.Endpoint.Saved.LazyVersion))
            .ToList();
        if (changed.Count == 0)
            return;
        await using var database = await databases.CreateDbContextAsync();
        await using var transaction = await database.Database.BeginTransactionAsync();
        foreach (var (endpoint, _) in changed)
        {
            var (id, position, health) = (endpoint.Id, endpoint.Position, endpoint.Health);
            var (success, failing) = (health.LastSuccessAt?.ToUnixTimeMilliseconds(), health.FailingSince?.ToUnixTimeMilliseconds());
            await database.Database.ExecuteSqlAsync(
                $"""
                UPDATE webhook_endpoints SET "Position" = MAX("Position", {position}), "LastSuccessAtMilliseconds" = {success}, "FailingSinceMilliseconds" = {failing}
                WHERE "Id" = {id}
                """);
        }

        await transaction.CommitAsync();
        foreach (var (endpoint, versions) in changed)
            endpoint.Saved = versions;
    }

    [LoggerMessage(2402, LogLevel.Error, "How webhook endpoints do could not be saved; it is tried again every second. Look at the disk that holds the data folder.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
