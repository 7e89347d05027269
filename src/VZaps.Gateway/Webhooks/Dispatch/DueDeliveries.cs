namespace VZaps.Gateway.Webhooks;

/// <summary>The deliveries of one endpoint whose next attempt is due, or whose chat is free again. For its loop alone.</summary>
/// <remarks>Only their ids are read ahead: the deliveries may change until they are taken out, and their events take memory.</remarks>
internal sealed class DueDeliveries(WebhookEndpoint endpoint, EndpointQueue queue, DeliveryRun run, RunningAttempts attempts, DispatchServices services) : IAttemptSource
{
    private const int AtOnce = 32;
    private readonly Queue<long> _due = new();

    /// <summary>Forgets what was read; it is read again.</summary>
    public void Clear()
    {
        if (_due.Count == 0)
            return;
        _due.Clear();
        queue.NoteNextDue(services.Time.GetUtcNow());
    }

    public async Task<bool> HasNextAsync(CancellationToken stopping)
    {
        var now = services.Time.GetUtcNow();
        queue.Expire(now);
        return queue.TryPeekRelease(out _) || _due.Count > 0 || await ReadAsync(now, stopping);
    }

    public async Task<bool> BeginAsync(CancellationToken stopping)
    {
        if (queue.TryPeekRelease(out var release))
            return await BeginReleasedAsync(release, stopping);
        // One that is out by hand is noted again at the end of that.
        if (!_due.TryDequeue(out var id) || !queue.TryTakeOut(id))
            return false;
        var now = services.Time.GetUtcNow();
        if (await run.ReadAsync(id, stopping) is { Delivery.Status: DeliveryStatus.Pending } due
            && due.Delivery.NextAttemptAtMilliseconds <= now.ToUnixTimeMilliseconds())
        {
            Begin(due, now);
            return true;
        }

        queue.GiveBack(id);
        return false;
    }

    private async Task<bool> BeginReleasedAsync(Release release, CancellationToken stopping)
    {
        if (!queue.TryTakeOut(release.Id))
            return false;
        if (await run.ReadAsync(release.Id, stopping) is { Delivery.Status: DeliveryStatus.Pending } due)
        {
            Begin(due, services.Time.GetUtcNow());
            return true;
        }

        queue.GiveBack(release.Id);
        queue.Forget(release);
        return false;
    }

    private void Begin(DueDelivery due, DateTimeOffset now)
    {
        queue.Go(due.Delivery, now);
        attempts.Begin(Work.Of(due, isManual: false));
    }

    /// <returns>Whether there is something to begin.</returns>
    private async Task<bool> ReadAsync(DateTimeOffset now, CancellationToken stopping)
    {
        if (queue.NextDue > now)
            return false;
        var taken = queue.BeginDueRead();
        var most = AtOnce + taken.Count;
        var ids = await services.Deliveries.ReadDueAsync(endpoint.Id, now, most, stopping);
        foreach (var id in ids.Where(id => !taken.Contains(id)))
            _due.Enqueue(id);
        // There are more now, or the next one is later.
        if ((ids.Count < most ? await services.Deliveries.NextDueAsync(endpoint.Id, now, stopping) : now) is { } next)
            queue.NoteNextDue(next);
        return _due.Count > 0;
    }
}
