using System.Collections.Concurrent;
using System.Text;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Log;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>
/// Puts what a body became where it belongs: events into the log, what could not be mapped aside, and all of it into the account. When it returns, everything
/// is durable, and the sender may be told so; where it throws, what was done before counts, and the keys make the sender's retry whole. Thread-safe.
/// </summary>
internal sealed partial class SourcePublisher(
    IEventLog log, MediaAttaching media, SourceDirectory sources, InstanceDirectory instances, KeptPayloads kept, SourceMetrics metrics, IngestMetrics ingest, TimeProvider time,
    ILogger<SourcePublisher> logger)
{
    // Numbers that a line was logged for; when it is full, no more lines come until the next start. What is longer than any that there is, is cut.
    private const int MaxLoggedNumbers = 1_000, MaxLoggedText = 64;

    private const int MaxBatchBytes = PublishLimits.MaxBodyBytes;
    private readonly ConcurrentDictionary<(string Source, string What), bool> _logged = new();

    /// <summary>Publishes.</summary>
    /// <param name="received">The source that was posted to.</param>
    /// <param name="outcomes">What the body became, in order.</param>
    /// <param name="origin">What links of files are made of.</param>
    /// <exception cref="Http.ProblemException">503: the log takes nothing now.</exception>
    public async Task PublishAsync(Source received, IReadOnlyList<SourceOutcome> outcomes, string origin)
    {
        // Looked for once each: a body has many updates of few numbers, and the gateway may have many sources. Those of numbers first, as they say of which
        // account a number is.
        var ownersOf = new Dictionary<SourceTarget, List<Source>>();
        foreach (var target in outcomes.Select(outcome => outcome.Target).Distinct().OrderBy(target => target.PhoneNumberId is null))
        {
            ownersOf[target] = [.. OwnersOf(received, target)];
            foreach (var owner in ownersOf[target])
                await sources.LearnAsync(owner, target.Waba, target.PhoneNumberId is null ? null : target.Phone);
        }

        // By the source that it belongs to, in the order of the body.
        var bySource = new Dictionary<string, (Source Source, List<SourceOutcome> Outcomes)>(StringComparer.Ordinal);
        foreach (var outcome in outcomes)
        {
            foreach (var (source, belonging) in Belonging(received, ownersOf[outcome.Target], outcome))
            {
                if (!bySource.TryGetValue(source.Id, out var its))
                    bySource[source.Id] = its = (source, []);
                its.Outcomes.Add(belonging);
            }
        }

        foreach (var (source, its) in bySource.Values)
            await PublishOfAsync(source, its, origin);
    }

    private async Task PublishOfAsync(Source source, List<SourceOutcome> outcomes, string origin)
    {
        var account = sources.AccountOf(source);
        account.Seen(time.GetUtcNow());
        await AppendAsync(source, account, [.. outcomes.OfType<MappedEvent>()], origin);
        var unmappable = outcomes.OfType<Unmappable>().ToList();
        if (unmappable.Count > 0)
        {
            var added = await kept.KeepAsync(source, unmappable);
            account.CountKept(added, unmappable.Count - added);
            metrics.Count(source.Kind, "kept", added);
            metrics.Count(source.Kind, "duplicate", unmappable.Count - added);
            await media.TryRegisterKeptAsync(source.Instance, unmappable.Select(one => one.Media), origin);
            if (added > 0 && IsFirst(source, "kept: " + unmappable[0].Reason))
                LogKept(logger, source.Kind, source.Instance.Value, unmappable[0].Reason);
        }

        foreach (var one in outcomes.OfType<NotMapped>())
        {
            account.CountNotMapped(one.Kind);
            metrics.Count(source.Kind, "not_mapped", 1);
        }
    }

    private async Task AppendAsync(Source source, SourceAccount account, List<MappedEvent> events, string origin)
    {
        var attached = await media.TryRegisterAsync(source.Instance, [.. events.Select(one => one.Media)], origin);
        for (var from = 0; from < events.Count;)
        {
            var (drafts, bytes) = (new List<EventDraft>(), 0);
            var first = from;
            while (from < events.Count && drafts.Count < PublishLimits.MaxEvents)
            {
                var draft = DraftOf(source.Instance, events[from], attached[from]);
                if (drafts.Count > 0 && bytes + draft.Utf8.Length > MaxBatchBytes)
                    break;
                drafts.Add(draft);
                bytes += draft.Utf8.Length;
                from++;
            }

            var began = time.GetTimestamp();
            var result = await AppendAsync(source.Instance, drafts, attached.AsMemory(first));
            await media.AppendedAsync(attached[first..from], result);
            var duplicates = result.Duplicates.Count;
            account.Appended(drafts.Count - duplicates, duplicates);
            ingest.Published(drafts.Count - duplicates, bytes, duplicates, time.GetElapsedTime(began));
            metrics.Count(source.Kind, "published", drafts.Count - duplicates);
            metrics.Count(source.Kind, "duplicate", duplicates);
            FollowState(source, account, events[first..from], result);
        }
    }

    /// <param name="instance">Whose they are.</param>
    /// <param name="drafts">The next ones.</param>
    /// <param name="attached">The files of these and of all behind them: what is not appended is not to be fetched.</param>
    private async Task<AppendResult> AppendAsync(InstanceId instance, List<EventDraft> drafts, ReadOnlyMemory<AttachedMedia?> attached)
    {
        try
        {
            return await log.AppendAsync(instance, drafts, CancellationToken.None);
        }
        catch (EventLogFullException full)
        {
            await media.RefusedAsync(attached.ToArray());
            throw PublishProblems.LogFull(full.Message);
        }
        catch (EventLogUnavailableException unavailable)
        {
            // These may be in the log all the same.
            await media.RefusedAsync(attached[drafts.Count..].ToArray());
            throw PublishProblems.LogUnavailable(unavailable.Message);
        }
    }

    private static EventDraft DraftOf(InstanceId instance, MappedEvent mapped, AttachedMedia? attached)
    {
        var (prefix, data) = attached?.Into(mapped.Data) ?? ([], mapped.Data);
        var envelope = GC.AllocateUninitializedArray<byte>(EnvelopeWriter.Measure(mapped.Type, prefix.Length + data.Length));
        EnvelopeWriter.Write(mapped.Type, instance, mapped.CreatedAt, prefix, data.Span, envelope);
        return new EventDraft(mapped.Type, envelope, Encoding.UTF8.GetBytes(mapped.Key));
    }

    /// <summary>What is said and read shows that the account is connected, also where no event says so.</summary>
    private void FollowState(Source source, SourceAccount account, List<MappedEvent> events, AppendResult result)
    {
        var known = result.Duplicates.ToHashSet();
        for (var i = 0; i < events.Count; i++)
        {
            if (known.Contains(i))
                continue;
            if (events[i].Type == EventType.Disconnected)
                account.Disconnected(events[i].CreatedAt);
            else if (events[i].Type != EventType.HistorySync && account.ShowsConnected(events[i].CreatedAt))
                instances.SetConnected(source.Instance, connected: true, result.Positions[i].Sequence);
        }
    }

    /// <summary>What an outcome is to those whom it belongs to.</summary>
    private IEnumerable<(Source Source, SourceOutcome Outcome)> Belonging(Source received, List<Source> owners, SourceOutcome outcome)
    {
        if (owners.Count == 0)
        {
            var (number, waba) = (Cut(outcome.Target.PhoneNumberId), Cut(outcome.Target.Waba));
            if (IsFirst(received, $"number: {number}, {waba}"))
                LogUnknownNumber(logger, received.Instance.Value, number, waba);
            yield return (received, new NotMapped("unknown_number"));
            yield break;
        }

        foreach (var owner in owners)
        {
            if (outcome is MappedEvent { FailedReceiptKind: { } kind } && !owner.HasFailedReceipts)
            {
                if (IsFirst(owner, kind))
                    LogFailedReceipt(logger, owner.Instance.Value);
                yield return (owner, new NotMapped(kind) { Target = outcome.Target });
            }
            else
                yield return (owner, outcome);
        }
    }

    private IEnumerable<Source> OwnersOf(Source received, SourceTarget target)
    {
        if (target.IsTheSourceItself)
            return [received];
        var beside = sources.CloudSourcesBeside(received);
        if (target.PhoneNumberId is { } number)
            return beside.Where(source => source.PhoneNumberId == number);
        return beside.Where(source => source.Waba == target.Waba
            ? target.Phone is null || source.Phone is null || source.Phone == target.Phone
            : source.Waba is null && target.Phone is not null && source.Phone == target.Phone); // its account was not told yet
    }

    private static string Cut(string? text) => text is null ? "" : text.Length <= MaxLoggedText ? text : text[..MaxLoggedText];

    private bool IsFirst(Source source, string what) => _logged.Count < MaxLoggedNumbers && _logged.TryAdd((source.Id, what), true);

    [LoggerMessage(1411, LogLevel.Warning, "The Cloud API source of {InstanceId} got an update for a number that no instance of its account claims (phone_number_id "
        + "'{PhoneNumberId}', account '{Waba}'); it is answered 200 and counted. Set a source with this phone_number_id, or unsubscribe the app from that account. Logged once for a number.")]
    private static partial void LogUnknownNumber(ILogger logger, string instanceId, string phoneNumberId, string waba);

    [LoggerMessage(1412, LogLevel.Warning, "A payload of the {Kind} source of {InstanceId} could not be mapped and is kept: {Reason} See GET /instances/{{id}}/sources/{{kind}}/kept. Logged once for a reason.")]
    private static partial void LogKept(ILogger logger, string kind, string instanceId, string reason);

    [LoggerMessage(1413, LogLevel.Information, "A message of {InstanceId} could not be delivered; its source does not make events of that (failed_receipts), and counts it. Logged once.")]
    private static partial void LogFailedReceipt(ILogger logger, string instanceId);
}
