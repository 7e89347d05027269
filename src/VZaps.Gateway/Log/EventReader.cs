namespace VZaps.Gateway.Log;

/// <summary>
/// One reader of one instance: from the feed while it keeps up, from the log while it is behind, without a seam.
/// Sequences have no holes, so whether the feed reaches back far enough is a comparison and not a guess.
/// </summary>
/// <remarks>For one loop at a time; dispose it to leave the feed.</remarks>
internal sealed class EventReader : IDisposable
{
    private readonly IEventLog _log;
    private readonly InstanceFeeds _feeds;
    private readonly InstanceFeed _feed;
    private readonly InstanceId _instance;
    private readonly WakeSignal _wake;

    /// <param name="log">The log.</param>
    /// <param name="feeds">The feeds of the same log.</param>
    /// <param name="instance">The instance to read.</param>
    /// <param name="wake">Set when there is more to read; wait on it after a page that reached the end.</param>
    public EventReader(IEventLog log, InstanceFeeds feeds, InstanceId instance, WakeSignal wake)
    {
        (_log, _feeds, _instance, _wake) = (log, feeds, instance, wake);
        _feed = feeds.Join(instance, wake);
    }

    /// <summary>Reads what follows a sequence.</summary>
    /// <param name="afterSequence">The last sequence that was read.</param>
    /// <param name="types">The types to return.</param>
    /// <param name="limits">How much to return at most.</param>
    /// <param name="cancellationToken">Ends the wait for storage.</param>
    public ValueTask<LogPage> ReadAsync(
        long afterSequence, EventTypeSet types, LogPageLimits limits, CancellationToken cancellationToken) =>
        _feed.TryRead(afterSequence, types, limits, out var page)
            ? new ValueTask<LogPage>(page)
            : _log.ReadAsync(_instance, afterSequence, types, limits, cancellationToken);

    public void Dispose() => _feeds.Leave(_instance, _wake);
}
