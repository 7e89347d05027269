using System.Diagnostics.Metrics;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Media;

/// <summary>What becomes of files, counted. Tags come from closed sets. Thread-safe.</summary>
internal sealed class MediaMetrics
{
    private readonly Counter<long> _fetches, _fetchedBytes, _received, _receivedBytes, _served, _servedBytes, _unregistered, _removed, _others;
    private readonly Histogram<double> _duration;
    private readonly TimeProvider _time;
    private volatile Figures _figures = new(0, null, 0, 0);

    public MediaMetrics(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(GatewayMeter.Name);
        _fetches = meter.CreateCounter<long>("vzaps.media.fetches", "{fetch}", "Attempts to fetch a file, by source, and by outcome: stored, retried, failed or superseded.");
        _fetchedBytes = meter.CreateCounter<long>("vzaps.media.fetched", "By", "Bytes of files that were fetched, by source.");
        _received = meter.CreateCounter<long>("vzaps.media.received.files", "{file}", "Files that came within events, by source, and by outcome: stored or lost.");
        _receivedBytes = meter.CreateCounter<long>("vzaps.media.received", "By", "Bytes of files that came within events, by source.");
        _served = meter.CreateCounter<long>("vzaps.media.requests", "{request}", "Requests for a file with a good link, by outcome: served, not_modified, pending, failed or gone.");
        _servedBytes = meter.CreateCounter<long>("vzaps.media.served", "By", "Bytes of files that were given out, of answers that went out whole.");
        _unregistered = meter.CreateCounter<long>("vzaps.media.unregistered", "{file}", "Files whose event went out without a link, as the database or the data folder failed at it.");
        _others = meter.CreateCounter<long>("vzaps.media.other", "{file}", "Files of another length or hash than their message says, by source; they were kept.");
        _removed = meter.CreateCounter<long>("vzaps.media.removed", "By", "Bytes of files that retention removed.");
        _duration = meter.CreateHistogram<double>("vzaps.media.fetch", "s", "How long it took to fetch a file.");
        meter.CreateObservableGauge("vzaps.media.pending", () => _figures.Pending, "{file}", "Files that are still to be fetched.");
        meter.CreateObservableGauge("vzaps.media.pending.age", OldestSeconds, "s", "How long ago the event of the oldest of them came.");
        meter.CreateObservableGauge("vzaps.media.stored.files", () => _figures.StoredFiles, "{file}", "Files in the store.");
        meter.CreateObservableGauge("vzaps.media.stored", () => _figures.StoredBytes, "By", "Bytes of the files in the store.");
    }

    public void Fetched(string source, long bytes, TimeSpan took)
    {
        _fetches.Add(1, Source(source), Outcome("stored"));
        _fetchedBytes.Add(bytes, Source(source));
        _duration.Record(took.TotalSeconds);
    }

    public void NotFetched(string source, bool isLast) => _fetches.Add(1, Source(source), Outcome(isLast ? "failed" : "retried"));

    /// <summary>An attempt ended for a file that is no longer there, or was asked for again meanwhile.</summary>
    public void FetchedForNothing(string source) => _fetches.Add(1, Source(source), Outcome("superseded"));

    /// <summary>A file came within an event.</summary>
    public void Received(string source, long bytes, bool isStored)
    {
        _received.Add(1, Source(source), Outcome(isStored ? "stored" : "lost"));
        _receivedBytes.Add(bytes, Source(source));
    }

    /// <param name="outcome"><c>served</c>, <c>not_modified</c>, <c>pending</c>, <c>failed</c> or <c>gone</c>.</param>
    public void Requested(string outcome) => _served.Add(1, Outcome(outcome));

    public void Served(long bytes) => _servedBytes.Add(bytes);

    public void Unregistered(int files) => _unregistered.Add(files);

    public void OtherThanSaid(string source) => _others.Add(1, Source(source));

    public void Removed(long bytes) => _removed.Add(bytes);

    /// <summary>What is pending now.</summary>
    public void Pending(int files, DateTimeOffset? oldest) => _figures = _figures with { Pending = files, Oldest = oldest };

    /// <summary>What is stored now.</summary>
    public void Stored(int files, long bytes) => _figures = _figures with { StoredFiles = files, StoredBytes = bytes };

    private double OldestSeconds() => _figures.Oldest is { } oldest ? Math.Max(0, (_time.GetUtcNow() - oldest).TotalSeconds) : 0;

    private static KeyValuePair<string, object?> Source(string source) => new("source", source);

    private static KeyValuePair<string, object?> Outcome(string outcome) => new("outcome", outcome);

    private sealed record Figures(int Pending, DateTimeOffset? Oldest, int StoredFiles, long StoredBytes);
}
