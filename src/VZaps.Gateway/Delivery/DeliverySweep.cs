using Microsoft.Extensions.Options;

namespace VZaps.Gateway.Delivery;

/// <summary>Once an hour removes what has had its time: dead letters, and consumers that nobody used.</summary>
internal sealed partial class DeliverySweep(
    ConsumerDirectory consumers,
    ConsumerStore store,
    ConsumerMove move,
    DeadLetterStore letters,
    DeliveryMetrics metrics,
    IOptions<DeliveryOptions> options,
    TimeProvider time,
    ILogger<DeliverySweep> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>Removes what has had its time, now.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var consumer in consumers.All)
        {
            // A connection may last longer than any age.
            if (consumer.Connections.Count > 0)
                consumer.TouchLive(now);
        }

        await SweepLettersAsync(now - options.Value.DeadLetterAge, cancellationToken);
        foreach (var key in await store.UnusedSinceAsync(now - options.Value.ConsumerAge, cancellationToken))
        {
            if (await consumers.FindAsync(key, cancellationToken) is not { Connections.Count: 0 } unused)
                continue;
            await move.ForgetAsync(unused, force: false, cancellationToken);
            LogForgotten(logger, key.Name, key.Instance, options.Value.ConsumerAge);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not at the start: clients that were away with the gateway have an hour to come back.
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, exception);
            }
        }
    }

    private async Task SweepLettersAsync(DateTimeOffset diedBefore, CancellationToken cancellationToken)
    {
        foreach (var ofConsumer in (await letters.DiedBeforeAsync(diedBefore, cancellationToken)).GroupBy(letter => letter.Key))
        {
            long[] sequences = [.. ofConsumer.Select(letter => letter.Sequence)];
            await letters.DeleteAsync(ofConsumer.Key, sequences, cancellationToken);
            if (await consumers.FindAsync(ofConsumer.Key, cancellationToken) is { } consumer)
                consumer.ForgetLetters(sequences);
            metrics.LettersDropped(sequences.Length);
            LogExpired(logger, sequences.Length, ofConsumer.Key.Name, ofConsumer.Key.Instance, options.Value.DeadLetterAge);
        }
    }

    [LoggerMessage(2221, LogLevel.Warning, "{Letters} dead letter(s) of consumer {Consumer} of {InstanceId} were removed: they are older than {Age} (Delivery:DeadLetterAge).")]
    private static partial void LogExpired(ILogger logger, int letters, string consumer, InstanceId instanceId, TimeSpan age);

    [LoggerMessage(2222, LogLevel.Information, "Consumer {Consumer} of {InstanceId} was forgotten: no connection for {Age} (Delivery:ConsumerAge).")]
    private static partial void LogForgotten(ILogger logger, string consumer, InstanceId instanceId, TimeSpan age);

    [LoggerMessage(2223, LogLevel.Warning, "Old dead letters and consumers could not be removed; it is tried again in an hour.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
