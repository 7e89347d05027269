namespace VZaps.Gateway.Log.Segments;

/// <summary>Reads pages by the index. Takes no lock that the writer takes, and holds none over I/O. Thread-safe.</summary>
internal sealed class SegmentReader(SegmentIndex index, IndexBlocks blocks)
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
            if (parts.Count > 0)
                from = Math.Max(from, parts[0].FirstSequence - 1); // a file may have been dropped since
            var page = new PageSelection(from, last, types, limits);
            var memory = new PageMemory();
            if (await TrySelectAsync(instance, page, parts, cancellationToken)
                && await RecordRuns.TryReadAsync(instance, page.Wanted, memory, cancellationToken) is { } envelopes)
            {
                return new LogPage(envelopes, from, page.ReadThrough, page.ReadThrough >= last) { Memory = memory };
            }

            // A file was dropped meanwhile, and what is retained begins later now; or the log was closed.
            ObjectDisposedException.ThrowIf(parts == events.Parts, typeof(SegmentLog));
        }
    }

    private async ValueTask<bool> TrySelectAsync(InstanceId instance, PageSelection page, IndexParts parts, CancellationToken cancellationToken)
    {
        for (var part = parts.FirstBehind(page.ReadThrough); part < parts.Count && !page.IsFull; part++)
        {
            var place = parts[part];
            if (!place.HasAnyOf(page.Types))
                page.PassOver(place);
            else if ((parts.OpenAt(part) ?? await blocks.FindAsync(instance, place, cancellationToken)) is { } chunk)
                page.Take(chunk, place.NextSequence);
            else
                return false;
        }

        return true;
    }
}
