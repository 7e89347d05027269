namespace VZaps.Gateway.Instances;

/// <summary>Saves, about twice a second and once more at the end, which instances are connected.</summary>
internal sealed partial class ConnectionStateSaver(InstanceDirectory instances, TimeProvider time, ILogger<ConnectionStateSaver> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await SaveAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The gateway stops: the rest is saved below.
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await SaveAsync(CancellationToken.None);
    }

    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        try
        {
            await instances.SaveConnectionStatesAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogUnsaved(logger, failure);
        }
    }

    [LoggerMessage(1201, LogLevel.Warning, "Which instances are connected could not be saved; tried again in half a second, and read from the log after a restart.")]
    private static partial void LogUnsaved(ILogger logger, Exception failure);
}
