namespace VZaps.Gateway.Ingest.Sources;

/// <summary>Maps kept payloads again, after a fix. A crash in the middle leaves a payload kept that was mapped; its keys make the next time harmless.</summary>
internal sealed class MappingAgain(SourceDirectory sources, KeptPayloads kept, SourcePublisher publisher, SenderRoutes senders)
{
    /// <summary>Maps those of a source, all or one.</summary>
    /// <exception cref="Http.ProblemException">404: the one is not there. 503: the log takes nothing now.</exception>
    public async Task<MappedAgainAnswer> MapAsync(Source source, long? only, string origin, CancellationToken cancellationToken)
    {
        var ids = await kept.IdsAsync(source, only, cancellationToken);
        if (only is { } one && ids.Count == 0)
            throw SourceProblems.KeptNotFound(one).ToException();
        var (mapped, stillKept) = (0, 0);
        foreach (var id in ids)
        {
            if (await kept.FindAsync(source, id, cancellationToken) is not { } row)
                continue;
            // With the time of its receipt, so that keys and times are what they would have been.
            var outcomes = senders.FormatOf(source).Map(source, row.Body, DateTimeOffset.FromUnixTimeMilliseconds(row.ReceivedAtMilliseconds));
            if (outcomes.Count == 0 || outcomes.OfType<Unmappable>().Any())
            {
                stillKept++;
                continue;
            }

            await publisher.PublishAsync(source, outcomes, origin);
            if (await kept.RemoveAsync(source, id))
                sources.AccountOf(source).TakeKept();
            mapped++;
        }

        return new MappedAgainAnswer(mapped, stillKept);
    }
}
