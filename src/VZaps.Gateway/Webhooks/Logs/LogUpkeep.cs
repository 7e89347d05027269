using System.Diagnostics.Metrics;
using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;

namespace VZaps.Gateway.Webhooks;

/// <summary>Trims the logs once a minute, and at once when an instance was deleted: what it leaves undone at a stop the next start does.</summary>
internal sealed partial class LogUpkeep : BackgroundService, IRevocationListener
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private readonly SemaphoreSlim _wake = new(0);
    private readonly LogRetention _retention;
    private readonly RetentionRows _rows;
    private readonly Revocations _revocations;
    private readonly TimeProvider _time;
    private readonly ILogger<LogUpkeep> _logger;
    private readonly Counter<long> _removed;

    public LogUpkeep(
        LogRetention retention, RetentionRows rows, Revocations revocations, IMeterFactory meters, TimeProvider time, ILogger<LogUpkeep> logger)
    {
        (_retention, _rows, _revocations, _time, _logger) = (retention, rows, revocations, time, logger);
        var meter = meters.Create(GatewayMeter.Name);
        _removed = meter.CreateCounter<long>("vzaps.webhooks.logs.removed", "{log}", "Delivery logs removed, by reason: age, count, bytes or deleted.");
        meter.CreateObservableGauge("vzaps.webhooks.logs.bytes", () => retention.Bytes, "By", "Bytes of all attempts and payloads, as of the last minute.");
    }

    public void OnRevoked(Revocation revocation)
    {
        if (revocation.Kind == RevocationKind.InstanceDeleted)
            _wake.Release();
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _revocations.Add(this);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await TrimAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(_logger, exception);
            }

            using var waited = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(Task.Delay(Interval, _time, waited.Token), _wake.WaitAsync(waited.Token));
            await waited.CancelAsync();
        }
    }

    private async Task TrimAsync(CancellationToken cancellationToken)
    {
        var wasFull = _retention.FullEndpoints;
        // By the table, into which an instance comes together with its endpoint: memory has it a moment later.
        var removed = await _retention.TrimAsync(_rows.HasInstance, cancellationToken);
        foreach (var (reason, logs) in new[] { ("age", removed.ByAge), ("count", removed.ByCount), ("bytes", removed.ByBytes), ("deleted", removed.OfDeleted) })
        {
            if (logs > 0)
                _removed.Add(logs, new KeyValuePair<string, object?>("reason", reason));
        }

        if (removed != default)
            LogTrimmed(_logger, removed.ByAge, removed.ByCount, removed.ByBytes, removed.PayloadBytes, removed.OfDeleted);
        if (_retention.FullEndpoints > 0 && wasFull == 0)
            LogFull(_logger, _retention.FullEndpoints, _retention.Bytes);
    }

    [LoggerMessage(2451, LogLevel.Information, "Webhook logs were removed: {ByAge} by age, {ByCount} by count, {ByBytes} by bytes, {OfDeleted} of what was deleted; "
        + "and {PayloadBytes} bytes of events that logs had copies of (Webhooks:LogRetentionAge, LogRetentionCount, LogRetentionBytes).")]
    private static partial void LogTrimmed(ILogger logger, long byAge, long byCount, long byBytes, long payloadBytes, long ofDeleted);

    [LoggerMessage(2452, LogLevel.Warning, "What {Endpoints} webhooks have pending takes more than their instances' share of Webhooks:LogRetentionBytes; all logs take {Bytes} bytes. "
        + "It is kept, as it is owed, and those webhooks begin nothing new meanwhile. Raise the limit, or enable, mend or delete those that fail.")]
    private static partial void LogFull(ILogger logger, int endpoints, long bytes);

    [LoggerMessage(2453, LogLevel.Warning, "Old webhook logs could not be removed; it is tried again in a minute.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
