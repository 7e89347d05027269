using System.Collections.Concurrent;

namespace VZaps.Gateway.Log;

/// <summary>The feeds of the instances that have readers; an instance without one has no feed. Thread-safe.</summary>
internal sealed class InstanceFeeds(FeedLimits limits) : ICommitListener
{
    private readonly ConcurrentDictionary<InstanceId, InstanceFeed> _feeds = new();
    private readonly Lock _changes = new();

    /// <summary>Adds a reader to an instance's feed. Signals begin before this returns, so what the log holds by then
    /// and what is signalled later leave no hole between them.</summary>
    public InstanceFeed Join(InstanceId instance, WakeSignal reader)
    {
        lock (_changes)
        {
            var feed = _feeds.GetOrAdd(instance, _ => new InstanceFeed(limits));
            feed.Add(reader);
            return feed;
        }
    }

    /// <summary>Removes a reader; the feed goes with its last one.</summary>
    public void Leave(InstanceId instance, WakeSignal reader)
    {
        lock (_changes)
        {
            if (!_feeds.TryGetValue(instance, out var feed))
                return;
            feed.Remove(reader);
            if (feed.ReaderCount == 0)
                _feeds.TryRemove(instance, out _);
        }
    }

    public void OnCommitted(InstanceId instance, ReadOnlySpan<Envelope> envelopes)
    {
        if (_feeds.TryGetValue(instance, out var feed))
            feed.Publish(envelopes);
    }
}
