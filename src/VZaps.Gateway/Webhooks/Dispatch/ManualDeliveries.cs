namespace VZaps.Gateway.Webhooks;

/// <summary>The deliveries of one endpoint that somebody asked for once more. For its loop alone, but for <see cref="Ask"/> and <see cref="EndedOne"/>.</summary>
internal sealed class ManualDeliveries(WebhookEndpoint endpoint, EndpointQueue queue, DeliveryRun run, RunningAttempts attempts, DispatchServices services) : IAttemptSource
{
    private const int AtOnce = 8;
    private readonly Queue<long> _asked = new();
    private volatile bool _mayBeMore = true; // a restart may have left some
    private volatile bool _isOneOut;

    /// <summary>Somebody asked for one more, or may have.</summary>
    public void Ask() => _mayBeMore = true;

    /// <summary>An attempt has ended: if one that was asked for was out, it may still be asked for.</summary>
    public void EndedOne()
    {
        if (_isOneOut)
            _mayBeMore = true;
    }

    /// <summary>Whether they have their half of so many slots, so that others that wait go first.</summary>
    public bool HasItsShare(int slots) => attempts.Manual > 0 && attempts.Manual * 2 >= slots;

    public async Task<bool> HasNextAsync(CancellationToken stopping)
    {
        while (true)
        {
            while (_asked.TryPeek(out var next))
            {
                if (!queue.IsOut(next))
                    return true;
                _isOneOut = true;
                _asked.Dequeue();
            }

            if (!_mayBeMore)
                return false;
            await ReadAsync(stopping);
        }
    }

    public async Task<bool> BeginAsync(CancellationToken stopping)
    {
        if (!_asked.TryDequeue(out var id))
            return false;
        if (!queue.TryTakeOut(id))
        {
            (_isOneOut, _mayBeMore) = (true, true);
            return false;
        }

        // Read once it is out, when nobody changes it any more: what was asked for may have been made since its id was read.
        var delivery = await run.ReadAsync(id, stopping);
        if (delivery is { Delivery.IsManual: true })
        {
            attempts.Begin(Work.Of(delivery, isManual: true));
            return true;
        }

        queue.PutBack(id, services.Time.GetUtcNow());
        return false;
    }

    private async Task ReadAsync(CancellationToken stopping)
    {
        // What is asked for, or ends, from here on is news.
        (_mayBeMore, _isOneOut) = (false, true);
        var taken = queue.Out;
        var most = AtOnce + taken.Count;
        var ids = await services.Deliveries.ReadManualAsync(endpoint.Id, most, stopping);
        foreach (var id in ids.Where(id => !taken.Contains(id)))
            _asked.Enqueue(id);
        _isOneOut = ids.Any(taken.Contains);
        if (ids.Count == most)
            _mayBeMore = true;
    }
}
