using Microsoft.Extensions.Options;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Delivery;

/// <summary>How a connection stands to its consumer once it may begin.</summary>
/// <param name="Start">Where it starts.</param>
/// <param name="Gap">What retention had removed of what it would have read; null without a gap.</param>
internal sealed record Attachment(ConnectionStart Start, Gap? Gap);

/// <summary>
/// Settles where a connection starts, durably where it must be, before the client is answered: first what its cursor
/// skips goes to the dead letters, then types get their first position, then what retention took is noticed. Thread-safe.
/// </summary>
internal sealed partial class ConsumerAttachment(
    ConsumerDirectory consumers,
    ConsumerSaver saver,
    DeadLetters letters,
    GapNotice gaps,
    IEventLog log,
    IOptions<DeliveryOptions> options,
    TimeProvider time,
    ILogger<ConsumerAttachment> logger)
{
    private static readonly LogPageLimits Page = new(MaxEvents: 1_000, MaxBytes: 4 << 20);

    /// <summary>Where a connection of a consumer starts. From then on it is one of its live connections.</summary>
    /// <param name="key">The consumer.</param>
    /// <param name="types">The types that the connection's filter lets through.</param>
    /// <param name="cursor">The client's cursor as a sequence; null without one.</param>
    /// <param name="join">Makes the connection's account; it is to be given to <see cref="DetachAsync"/> at its end.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="Http.ProblemException">400: the instance has too many consumers.</exception>
    public async ValueTask<(Attachment Attachment, DeliveryAccount Account)> AttachAsync(
        ConsumerKey key, EventTypeSet types, long? cursor, Func<Consumer, ConnectionStart, DeliveryAccount> join, CancellationToken cancellationToken)
    {
        while (true)
        {
            var consumer = await consumers.GetAsync(key, cancellationToken);
            await consumer.Settling.WaitAsync(cancellationToken);
            try
            {
                if (consumer.IsForgotten)
                    continue;
                var attachment = await SettleAsync(consumer, types, cursor, cancellationToken);
                var account = join(consumer, attachment.Start);
                consumer.Add(account);
                return (attachment, account);
            }
            finally
            {
                consumer.Settling.Release();
            }
        }
    }

    /// <summary>A connection of <c>ephemeral</c>: from the cursor or the log's end, and nothing is kept.</summary>
    public Attachment StartEphemeral(InstanceId instance, EventTypeSet types, long? cursor)
    {
        var range = log.GetRange(instance);
        var first = cursor ?? range.LastSequence;
        var gap = gaps.Between(first, range.FirstSequence, owedLost: 0);
        var after = new long[EventTypeSet.TypeCount];
        Array.Fill(after, Math.Max(first, range.FirstSequence - 1));
        if (gap is not null)
            gaps.Note(instance, ConsumerName.Ephemeral, consumer: null, gap);
        return new Attachment(new ConnectionStart(types, after, replayThrough: null, consumer: null, withOwed: false), gap);
    }

    /// <summary>A connection has ended: the event that it ended with is counted, and dies at the fifth time.</summary>
    /// <param name="account">The connection.</param>
    /// <param name="endedByServer">Whether the gateway wished it: that says nothing of the reader.</param>
    public async Task DetachAsync(DeliveryAccount account, bool endedByServer)
    {
        if (account.Consumer is not { } consumer)
            return;
        // Said before the client left: it need not wait for the next connection.
        if (account.Rejected() is { Count: > 0 } rejected)
            await letters.TryBuryAsync(consumer, [.. rejected.Select(delivery => Burial.Of(delivery, account.Info.Id))]);
        consumer.Remove(account, time.GetUtcNow());
        if (endedByServer || account.OldestExpected() is not { } oldest)
            return;
        var ends = consumer.CountReaderEnd(oldest.Sequence, new ReaderEnd(account.Info.Id, time.GetUtcNow()));
        if (ends < ReaderEnds.Fatal)
            return;
        var attempts = consumer.ReaderEndsOf(oldest.Sequence).Select(LetterAttempt.Of).ToList();
        await letters.TryBuryAsync(consumer, [new Burial(oldest.Sequence, oldest.TypeIndex, DeadLetterReason.KillsReader, attempts.Count, attempts)]);
    }

    private async Task<Attachment> SettleAsync(Consumer consumer, EventTypeSet types, long? cursor, CancellationToken cancellationToken)
    {
        var range = log.GetRange(consumer.Key.Instance);
        if (consumer.ClampTo(range.LastSequence))
            LogAhead(logger, consumer.Key.Name, consumer.Key.Instance, range.LastSequence);
        if (cursor is { } sequence)
            await BurySkippedAsync(consumer, types, sequence, cancellationToken);
        range = log.GetRange(consumer.Key.Instance);
        var start = consumer.Attach(types, cursor, range.LastSequence, time.GetUtcNow(), out var mustSave);
        var gap = SettleGap(consumer, types, cursor, start, range);
        if (mustSave)
            await saver.SaveNowAsync(cancellationToken);
        return new Attachment(gap is null ? start : start.From(range.FirstSequence), gap);
    }

    private Gap? SettleGap(Consumer consumer, EventTypeSet types, long? cursor, ConnectionStart start, LogRange range)
    {
        if (start.First + 1 >= range.FirstSequence)
            return null;
        // What lies below a head and is not owed was acked: only what is owed, and what follows the heads, is missing.
        var owedLost = consumer.Forget(range.FirstSequence - 1);
        var unread = cursor ?? types.Indexes().Min(consumer.HeadOf);
        var gap = gaps.Between(Math.Min(unread, range.FirstSequence - 1), range.FirstSequence, owedLost);
        if (gap is null)
            return null;
        gap = gap with { After = Math.Min(start.First, gap.After) };
        gaps.Note(consumer.Key.Instance, consumer.Key.Name, consumer, gap);
        return gap;
    }

    /// <summary>
    /// A cursor says that the client wants nothing at or before it. What the consumer owes there, and what it was never
    /// sent, goes to the dead letters: nothing says that it was handled. What another live connection has out, or is still
    /// to be sent, is its affair.
    /// </summary>
    private async Task BurySkippedAsync(Consumer consumer, EventTypeSet types, long cursor, CancellationToken cancellationToken)
    {
        await BuryAsync(consumer, types, cursor, cancellationToken);
        DropBeyondLetters(consumer, types, cursor);
        foreach (var index in types.Indexes())
        {
            var type = EventTypeSet.Of(EventType.Known[index]);
            var after = consumer.HeadOf(index);
            while (after < cursor)
            {
                var page = await log.ReadAsync(consumer.Key.Instance, after, type, Page, cancellationToken);
                foreach (var envelope in page.Envelopes.TakeWhile(envelope => envelope.Position.Sequence <= cursor))
                    consumer.MarkSent(envelope.Position.Sequence, envelope.TypeIndex);
                after = page.ReachedEnd ? cursor : page.ReadThrough;
                page.Memory?.Return();
                await BuryAsync(consumer, type, cursor, cancellationToken);
            }
        }
    }

    /// <summary>
    /// A cursor far ahead skips more than there may be dead letters. The oldest of that would be made letters only to be
    /// removed again, with all the letters that were there before: they are dropped at once, counted and logged.
    /// </summary>
    private void DropBeyondLetters(Consumer consumer, EventTypeSet types, long cursor)
    {
        var instance = consumer.Key.Instance;
        var head = types.Indexes().Select(consumer.HeadOf).Where(each => each < cursor).DefaultIfEmpty(cursor).Min();
        if (consumer.Connections.Count > 0 || head >= cursor)
            return;
        var behindCursor = log.Count(instance, types, cursor);
        var room = Math.Max(0, options.Value.MaxDeadLetters - consumer.ReadLetters(index => index.Count));
        var skipped = log.Count(instance, types, head) - behindCursor;
        if (skipped <= room)
            return;
        var (low, high) = (head, cursor);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (log.Count(instance, types, middle) - behindCursor <= room)
                high = middle;
            else
                low = middle + 1;
        }

        consumer.Pass(types, low);
        letters.NoteDropped(consumer.Key, (int)Math.Min(int.MaxValue, skipped - room));
    }

    private async Task BuryAsync(Consumer consumer, EventTypeSet types, long cursor, CancellationToken cancellationToken)
    {
        var skipped = consumer.OwedThrough(types, cursor)
            .Where(owed => !consumer.Connections.Any(connection => connection.HasOrWillHave(owed.Sequence, owed.TypeIndex)))
            .Select(owed => new Burial(owed.Sequence, owed.TypeIndex, DeadLetterReason.SkippedByCursor, Deliveries: 0, []))
            .ToList();
        if (skipped.Count > 0)
            await letters.BuryAsync(consumer, skipped, cancellationToken);
    }

    /// <summary>Beyond what a consumer may owe, the oldest go to the dead letters.</summary>
    public async ValueTask AbandonExcessAsync(Consumer consumer)
    {
        if (consumer.OwedCount <= options.Value.MaxOwed)
            return;
        var abandoned = consumer.OwedBeyond(options.Value.MaxOwed)
            .Select(owed => new Burial(owed.Sequence, owed.TypeIndex, DeadLetterReason.Abandoned, Deliveries: 1, []))
            .ToList();
        await letters.TryBuryAsync(consumer, abandoned);
    }

    [LoggerMessage(2203, LogLevel.Warning, "Consumer {Consumer} of {InstanceId} stood ahead of its log, which ends at event {LogEnd}; it stands at the end now. "
        + "The log was in memory, or damaged files of it were given up.")]
    private static partial void LogAhead(ILogger logger, string consumer, InstanceId instanceId, long logEnd);
}
