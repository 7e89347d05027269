namespace VZaps.Gateway.Ingest.Sources;

/// <summary>What sources need now and then: their accounts and whom they know saved about twice a second and once more at the end, old payloads removed,
/// silence told.</summary>
internal sealed partial class SourceUpkeep(
    SourceDirectory sources, IdentityStore identities, KeptPayloads kept, SilentSources silent, TimeProvider time, ILogger<SourceUpkeep> logger)
    : BackgroundService
{
    private static readonly TimeSpan SaveInterval = TimeSpan.FromMilliseconds(500), LookInterval = TimeSpan.FromSeconds(10), RemovalInterval = TimeSpan.FromMinutes(10);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the first request.
        await sources.LoadAsync(cancellationToken);
        await identities.LoadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(() => sources.SaveAccountsAsync(CancellationToken.None));
        await TryAsync(() => identities.SaveAsync(CancellationToken.None));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SaveInterval, time);
        DateTimeOffset? looked = null, removed = null;
        try
        {
            do
            {
                await TryAsync(() => sources.SaveAccountsAsync(stoppingToken));
                await TryAsync(() => identities.SaveAsync(stoppingToken));
                if (IsDue(ref looked, LookInterval))
                    silent.Look();
                if (IsDue(ref removed, RemovalInterval))
                    await TryAsync(() => kept.RemoveOldAsync(stoppingToken));
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The gateway stops: the rest is saved by StopAsync.
        }
    }

    private bool IsDue(ref DateTimeOffset? last, TimeSpan interval)
    {
        var now = time.GetUtcNow();
        // A clock that is put back must not stop it.
        if (last is { } then && now >= then && now - then < interval)
            return false;
        last = now;
        return true;
    }

    private async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogFailed(logger, failure);
        }
    }

    [LoggerMessage(1431, LogLevel.Warning, "What sources know could not be saved, or old payloads not removed; tried again soon.")]
    private static partial void LogFailed(ILogger logger, Exception failure);
}
