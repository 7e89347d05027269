namespace VZaps.Gateway.Log.Segments;

/// <summary>Reads pages by the index. Takes no lock that the writer takes, and holds none over I/O. Thread-safe.</summary>
internal sealed class SegmentReader(SegmentIndex index, DamageReports damage)
{
    public async ValueTask<LogPage> ReadAsync(
        InstanceId instance, long afterSequence, EventTypeSet types, LogPageLimits limits, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (index.Find(instance) is not { } events)
                return new LogPage([], afterSequence, afterSequence, ReachedEnd: true);
            // The last first: entries up to it are there by then.
            var last = events.Last;
            var from = Math.Max(afterSequence, events.First - 1);
            if (from >= last)
                return new LogPage([], from, Math.Max(afterSequence, last), ReachedEnd: true);
            var parts = events.Parts;
            try
            {
                return await ReadAsync(events, parts, from, last, types, limits, cancellationToken);
            }
            catch (SegmentGoneException)
            {
                // A file was dropped meanwhile, and what is retained begins later now; or the log was closed.
                ObjectDisposedException.ThrowIf(parts.AreCurrent, typeof(SegmentLog));
            }
            catch (EventLogDamagedException unsound)
            {
                damage.Note(unsound);
                throw;
            }
        }
    }

    private async ValueTask<LogPage> ReadAsync(
        InstanceIndex events, IndexParts parts, long from, long last, EventTypeSet types, LogPageLimits limits, CancellationToken cancellationToken)
    {
        var part = await parts.FindAsync(from, isAsync: true, cancellationToken);
        if (part is null)
            return new LogPage([], last, last, ReachedEnd: true); // what is known of, but was lost
        var page = new PageSelection(from, last, types, limits);
        try
        {
            while (part is { } place && !page.IsFull)
            {
                // A file may have been dropped since, or events are missing: a page begins behind them, and the reader sees that.
                if (place.FirstSequence > page.ReadThrough + 1 && page.Wanted.Count > 0)
                    break;
                if (place.FirstSequence > page.ReadThrough + 1)
                    page.PassOverMissing(from = place.FirstSequence - 1);
                if (place.HasAnyOf(types))
                    page.Take(await index.Blocks.FindAsync(events.Instance, place, isAsync: true, cancellationToken), place.NextSequence);
                else
                    page.PassOver(place);
                if (page.ReadThrough < place.NextSequence - 1)
                    break; // full, or at the end
                part = await parts.FindAsync(place.NextSequence - 1, isAsync: true, cancellationToken);
            }
        }
        catch (IOException) when (page.Wanted.Count > 0)
        {
            // The page ends before what cannot be read; who goes on from there is told of it.
        }

        var memory = new PageMemory();
        var envelopes = await RecordRuns.ReadAsync(events.Instance, page.Wanted, memory, cancellationToken);
        // Up to the one that is damaged; who goes on from there is told of it.
        var readThrough = envelopes.Count == page.Wanted.Count ? page.ReadThrough : page.Wanted[envelopes.Count].Sequence - 1;
        return new LogPage(envelopes, from, readThrough, readThrough >= last) { Memory = memory };
    }
}
