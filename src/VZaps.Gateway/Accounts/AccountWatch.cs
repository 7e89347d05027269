namespace VZaps.Gateway.Accounts;

/// <summary>Looks whether a command line changed the accounts, often enough that the gateway knows within a second.</summary>
internal sealed partial class AccountWatch(AccountDirectory accounts, TimeProvider time, ILogger<AccountWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var failing = false;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await accounts.RefreshAsync(stoppingToken);
                    failing = false;
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    // What is in memory goes on being good; said once, not four times a second.
                    if (!failing)
                        LogUnreadable(logger, failure);
                    failing = true;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }

    [LoggerMessage(1101, LogLevel.Error, "The accounts' table cannot be read; changes by the command line do not reach this gateway until it can.")]
    private static partial void LogUnreadable(ILogger logger, Exception failure);
}
