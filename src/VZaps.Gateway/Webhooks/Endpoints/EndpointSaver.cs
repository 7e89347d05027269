using Microsoft.EntityFrameworkCore;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Webhooks;

/// <summary>
/// Saves, about once a second in one transaction, how endpoints do and what they have passed over. Losing the last second costs a second look at events that
/// were filtered out, and never an event: what has a delivery is saved along with that.
/// </summary>
internal sealed partial class EndpointSaver(
    EndpointDirectory endpoints, IDbContextFactory<GatewayDatabase> databases, TimeProvider time, ILogger<EndpointSaver> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await TrySaveAsync();
        }
        catch (OperationCanceledException)
        {
            // The gateway stops: the rest is saved below.
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TrySaveAsync();
    }

    private async Task TrySaveAsync()
    {
        try
        {
            await SaveAsync();
        }
        catch (Exception exception)
        {
            LogFailed(logger, exception);
        }
    }

    private async Task SaveAsync()
    {
        var changed = endpoints.All.Where(endpoint => endpoint.Version != endpoint.SavedVersion).Select(endpoint => (Endpoint: endpoint, endpoint.Version)).ToList();
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
        foreach (var (endpoint, version) in changed)
            endpoint.SavedVersion = version;
    }

    [LoggerMessage(2402, LogLevel.Error, "How webhook endpoints do could not be saved; it is tried again every second. Look at the disk that holds the data folder.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
