using Microsoft.Extensions.Options;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Delivery;

/// <summary>An event that is to become a dead letter.</summary>
/// <param name="Sequence">The event.</param>
/// <param name="TypeIndex">Its type.</param>
/// <param name="Reason">Why.</param>
/// <param name="Deliveries">How often it was delivered, as far as is known.</param>
/// <param name="Attempts">Those that are known, oldest first.</param>
/// <param name="Detail">The client's own words; null without any.</param>
/// <param name="WasExpected">Whether an ack of it was expected; of a replay none was.</param>
internal sealed record Burial(
    long Sequence, byte TypeIndex, DeadLetterReason Reason, int Deliveries, IReadOnlyList<LetterAttempt> Attempts, string? Detail = null, bool WasExpected = true)
{
    /// <summary>The burial of a delivery that has died on a connection.</summary>
    public static Burial Of(DueDelivery delivery, string connectionId) => new(
        delivery.Sequence,
        delivery.TypeIndex,
        delivery.Death!.Reason,
        delivery.Deliveries,
        [.. delivery.Death.Attempts.Select(attempt => LetterAttempt.Of(attempt, connectionId))],
        delivery.Death.Detail,
        WasExpected: !delivery.IsReplay);
}

/// <summary>
/// Makes dead letters, and gives them back. A letter is durable, with a copy of its event, before its consumer lets go
/// of the event. Thread-safe.
/// </summary>
internal sealed partial class DeadLetters(
    DeadLetterStore store, EventLookup events, IEventLog log, GapNotice gaps, IOptions<DeliveryOptions> options, DeliveryMetrics metrics, TimeProvider time, ILogger<DeadLetters> logger)
{
    private const int BatchEvents = 256;
    private const int BatchBytes = 8 << 20;

    /// <summary>Makes events dead letters; those that retention has removed meanwhile are let go of.</summary>
    /// <param name="consumer">Whose they are.</param>
    /// <param name="burials">Which.</param>
    /// <param name="cancellationToken">Ends the wait between batches; what is written stays.</param>
    public async Task BuryAsync(Consumer consumer, IReadOnlyList<Burial> burials, CancellationToken cancellationToken)
    {
        await consumer.Burying.WaitAsync(cancellationToken);
        try
        {
            // Another connection may have been faster, with an ack or with its own burial.
            await BuryInTurnAsync(consumer, [.. burials.Where(burial => !burial.WasExpected || consumer.Expects(burial.Sequence, burial.TypeIndex))], cancellationToken);
        }
        finally
        {
            consumer.Burying.Release();
        }
    }

    /// <summary>As <see cref="BuryAsync"/>; where they cannot be written, that is logged, and they stay owed.</summary>
    /// <returns>Whether they are dead letters now.</returns>
    public async Task<bool> TryBuryAsync(Consumer consumer, IReadOnlyList<Burial> burials)
    {
        try
        {
            await BuryAsync(consumer, burials, CancellationToken.None);
            return true;
        }
        catch (Exception exception)
        {
            LogUnburied(logger, exception, burials.Count, consumer.Key.Name, consumer.Key.Instance);
            return false;
        }
    }

    /// <summary>Retention has removed an event that the consumer had not acked.</summary>
    public void LetGo(Consumer consumer, long sequence)
    {
        consumer.LetGo(sequence);
        gaps.Note(consumer.Key.Instance, consumer.Key.Name, consumer,
            new Gap(sequence - 1, log.GetRange(consumer.Key.Instance).FirstSequence, Events: 1, time.GetUtcNow()));
    }

    /// <summary>Events were dropped that should be dead letters, for there are too many.</summary>
    public void NoteDropped(ConsumerKey key, int events)
    {
        metrics.LettersDropped(events);
        LogDropped(logger, events, key.Name, key.Instance, options.Value.MaxDeadLetters);
    }

    private async Task BuryInTurnAsync(Consumer consumer, IReadOnlyList<Burial> burials, CancellationToken cancellationToken)
    {
        for (var next = 0; next < burials.Count;)
        {
            var batch = new List<(Burial Burial, DeadLetterRow Row)>();
            for (var bytes = 0; next < burials.Count && batch.Count < BatchEvents && bytes < BatchBytes; next++)
            {
                if (await RowOfAsync(consumer.Key, burials[next], cancellationToken) is { } row)
                {
                    batch.Add((burials[next], row));
                    bytes += row.Envelope.Length;
                }
                else
                {
                    LetGo(consumer, burials[next].Sequence);
                }
            }

            await WriteAsync(consumer, batch, cancellationToken);
        }

        await TrimAsync(consumer, cancellationToken);
    }

    /// <summary>Delivers dead letters again.</summary>
    /// <param name="consumer">Whose they are.</param>
    /// <param name="sequences">Which.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task RedeliverAsync(Consumer consumer, IReadOnlyList<long> sequences, CancellationToken cancellationToken)
    {
        // Durable first: it holds for the next connection, too, also after a crash.
        await store.MarkRedeliveredAsync(consumer.Key, sequences, time.GetUtcNow(), cancellationToken);
        consumer.Redeliver(sequences);
    }

    /// <summary>Deletes dead letters.</summary>
    public async Task DeleteAsync(Consumer consumer, IReadOnlyList<long> sequences, CancellationToken cancellationToken)
    {
        await store.DeleteAsync(consumer.Key, sequences, cancellationToken);
        consumer.ForgetLetters(sequences);
    }

    private async Task WriteAsync(Consumer consumer, List<(Burial Burial, DeadLetterRow Row)> batch, CancellationToken cancellationToken)
    {
        if (batch.Count == 0)
            return;
        await store.PutAsync([.. batch.Select(letter => letter.Row)], cancellationToken);
        foreach (var (burial, _) in batch)
        {
            consumer.Bury(new LetterEntry(burial.Sequence, burial.TypeIndex, IsRedelivered: false), burial.WasExpected);
            metrics.Dead(burial.Reason);
        }

        foreach (var ofReason in batch.GroupBy(letter => letter.Burial.Reason))
            LogBuried(logger, ofReason.Count(), consumer.Key.Name, consumer.Key.Instance, DeadLetterReasons.NameOf(ofReason.Key), ofReason.First().Row.EventId);
    }

    private async Task TrimAsync(Consumer consumer, CancellationToken cancellationToken)
    {
        var excess = consumer.ReadLetters(letters => letters.Beyond(options.Value.MaxDeadLetters));
        if (excess.Count == 0)
            return;
        await DeleteAsync(consumer, excess, cancellationToken);
        NoteDropped(consumer.Key, excess.Count);
    }

    private async ValueTask<DeadLetterRow?> RowOfAsync(ConsumerKey key, Burial burial, CancellationToken cancellationToken)
    {
        // It may be a letter already, that was delivered again and died again.
        if (await events.FindAsync(key, burial.Sequence, cancellationToken) is not { } envelope)
            return null;
        return new DeadLetterRow
        {
            Instance = key.Instance.Value,
            Consumer = key.Name,
            Sequence = burial.Sequence,
            EventId = envelope.Position.ToString(),
            TypeIndex = burial.TypeIndex,
            Reason = burial.Reason,
            Detail = burial.Detail,
            Deliveries = burial.Deliveries,
            Attempts = LetterAttempt.Write(burial.Attempts),
            DiedAtMilliseconds = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Envelope = envelope.Utf8.ToArray(),
        };
    }

    [LoggerMessage(2211, LogLevel.Warning, "{Events} event(s) of consumer {Consumer} of {InstanceId} went to the dead letters: {Reason}. The first is {EventId}. "
        + "See GET /instances/{{id}}/deadletters; deliver them again when their cause is mended.")]
    private static partial void LogBuried(ILogger logger, int events, string consumer, InstanceId instanceId, string reason, string eventId);

    [LoggerMessage(2212, LogLevel.Warning, "{Letters} of the oldest dead letters of consumer {Consumer} of {InstanceId} were removed: there are more than {Most} (Delivery:MaxDeadLetters).")]
    private static partial void LogDropped(ILogger logger, int letters, string consumer, InstanceId instanceId, int most);

    [LoggerMessage(2213, LogLevel.Error, "{Events} event(s) of consumer {Consumer} of {InstanceId} could not be written to the dead letters. They stay owed and "
        + "are tried again. Look at the disk that holds the data folder.")]
    private static partial void LogUnburied(ILogger logger, Exception exception, int events, string consumer, InstanceId instanceId);
}
