using System.Diagnostics;

namespace VZaps.Gateway.Log.Segments;

/// <summary>
/// The index of one instance as it is at one moment, oldest part first: blocks of the closed files, then the chunks of the file that is written.
/// Nothing in it changes but the last chunk, which grows: whoever holds it reads on, whatever the writer does.
/// </summary>
/// <param name="index">The index of all.</param>
/// <param name="events">The instance.</param>
/// <param name="open">Its chunks in the file that is written; read before <paramref name="closed"/>, so that nothing falls between the two.</param>
/// <param name="closed">The closed files.</param>
internal readonly struct IndexParts(SegmentIndex index, InstanceIndex events, IndexChunk[] open, SegmentFile[] closed)
{
    // Without those that were closed after the chunks were read: they begin with them.
    private readonly int _closedCount = CountBefore(closed, open);

    /// <summary>Whether no file was dropped or closed since.</summary>
    public bool AreCurrent => closed == index.Closed.All;

    /// <summary>The first part that ends behind a sequence; null where there is none.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="isAsync">Whether a read may go on elsewhere; else this is done when it returns.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SegmentGoneException">A file was dropped meanwhile.</exception>
    /// <exception cref="IOException">A page of a directory could not be read.</exception>
    public async ValueTask<BlockPlace?> FindAsync(long sequence, bool isAsync, CancellationToken cancellationToken)
    {
        if (open.Length > 0 && open[0].FirstSequence <= sequence + 1)
            return OpenBehind(sequence);
        // Most readers go on where somebody read last, or in the file behind it.
        for (var (hint, tries) = (Hint(), 0); hint < _closedCount && tries < 2; (hint, tries) = (NextThatHolds(hint + 1), tries + 1))
        {
            var near = await index.Pages.FindAsync(index, closed[hint], events, sequence, isAsync, cancellationToken);
            if (near is not { } found)
                continue;
            if (found.FirstSequence > sequence + 1)
                break;
            events.LastRead = closed[hint];
            return found;
        }

        var at = await LastThatBeginsAsync(static (place, sequence) => place.FirstSequence <= sequence + 1, sequence, isAsync, cancellationToken);
        for (at = Math.Max(at, 0); (at = NextThatHolds(at)) < _closedCount; at++)
        {
            if (await index.Pages.FindAsync(index, closed[at], events, sequence, isAsync, cancellationToken) is not { } place)
                continue;
            events.LastRead = closed[at];
            return place;
        }

        return OpenBehind(sequence);
    }

    /// <inheritdoc cref="FindAsync"/>
    public BlockPlace? Find(long sequence) => Now(FindAsync(sequence, isAsync: false, CancellationToken.None));

    /// <summary>The last part whose first event is of before a time; null where there is none.</summary>
    /// <exception cref="SegmentGoneException">A file was dropped meanwhile.</exception>
    /// <exception cref="IOException">A page of a directory could not be read.</exception>
    public BlockPlace? FindBefore(long timeMs)
    {
        for (var i = open.Length - 1; i >= 0; i--)
        {
            if (open[i].FirstMs < timeMs)
                return open[i].PlaceAt(0);
        }

        // Times never decrease: the last file that begins before the time has the answer.
        var at = Now(LastThatBeginsAsync(static (place, timeMs) => place.FirstMs < timeMs, timeMs, isAsync: false, CancellationToken.None));
        BlockPlace? found = null;
        for (var next = at < 0 ? null : FindIn(at, 0); next is { } place && place.FirstMs < timeMs; next = FindIn(at, place.NextSequence - 1))
            found = place;
        return found;
    }

    private BlockPlace? FindIn(int file, long sequence) =>
        Now(index.Pages.FindAsync(index, closed[file], events, sequence, isAsync: false, CancellationToken.None));

    private BlockPlace? OpenBehind(long sequence)
    {
        var (low, high) = (0, open.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (open[middle].NextSequence > sequence + 1)
                high = middle;
            else
                low = middle + 1;
        }

        return low < open.Length ? open[low].PlaceAt(0) : null;
    }

    /// <summary>The last closed file whose first block of the instance passes a test that all before it pass; -1 where there is none.</summary>
    private async ValueTask<int> LastThatBeginsAsync(
        Func<BlockPlace, long, bool> passes, long value, bool isAsync, CancellationToken cancellationToken)
    {
        var (low, high, last) = (0, _closedCount, -1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var probe = NextThatHolds(middle);
            if (probe < high
                && await index.Pages.FindAsync(index, closed[probe], events, 0, isAsync, cancellationToken) is { } first && passes(first, value))
            {
                (last, low) = (probe, probe + 1);
            }
            else
            {
                high = middle;
            }
        }

        return last;
    }

    /// <summary>The first closed file from one on that has events of the instance; their number where none has.</summary>
    private int NextThatHolds(int at)
    {
        while (at < _closedCount && closed[at].Directory?.Holds(events) != true)
            at++;
        return at;
    }

    /// <summary>Where somebody read last; the number of files where that one has gone.</summary>
    private int Hint() => events.LastRead is { } file && IndexOf(file.Number) is var at && at < _closedCount && closed[at] == file ? at : _closedCount;

    private int IndexOf(long number)
    {
        var (low, high) = (0, _closedCount);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (closed[middle].Number < number)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private static int CountBefore(SegmentFile[] closed, IndexChunk[] open)
    {
        var count = closed.Length;
        while (open.Length > 0 && count > 0 && closed[count - 1].Number >= open[0].File.Number)
            count--;
        return count;
    }

    // Nothing was left for later: a read that may not wait is done when it returns.
    private static T Now<T>(ValueTask<T> read) => read.IsCompleted ? read.Result : throw new UnreachableException();
}
