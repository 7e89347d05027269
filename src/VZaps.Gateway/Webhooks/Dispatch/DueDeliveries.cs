namespace VZaps.Gateway.Webhooks;

/// <summary>The deliveries of one endpoint whose next attempt is due, or whose chat is free again. For its loop alone.</summary>
internal sealed class DueDeliveries(WebhookEndpoint endpoint, EndpointQueue queue, EndpointSlots slots, RunningAttempts attempts, DispatchServices services)
{
    private const int AtOnce = 8;
    private readonly Queue<DueDelivery> _due = new();

    /// <summary>Whether one was found that has not begun.</summary>
    public bool IsWaiting => _due.Count > 0 || queue.TryPeekRelease(out _);

    /// <summary>Forgets what was read; it is read again.</summary>
    public void Clear()
    {
        if (_due.Count == 0)
            return;
        _due.Clear();
        queue.NoteNextDue(services.Time.GetUtcNow());
    }

    /// <summary>Begins the next one.</summary>
    /// <param name="endHoldsAsync">Completes when what is held is durable.</param>
    /// <param name="stopping">Ends it.</param>
    /// <returns>False where there is none, or no slot.</returns>
    public async Task<bool> BeginAsync(Func<Task> endHoldsAsync, CancellationToken stopping)
    {
        var now = services.Time.GetUtcNow();
        queue.Expire(now);
        if (queue.TryPeekRelease(out var release))
        {
            // Held rows are durable before the turn that holds them ends.
            await endHoldsAsync();
            return await BeginReleasedAsync(release, now, stopping);
        }

        if ((_due.Count == 0 && !await ReadAsync(now, stopping)) || !slots.TryTake())
            return false;
        var due = _due.Dequeue();
        if (queue.TryTakeOut(due.Delivery, now))
            attempts.Begin(Work.Of(due, isManual: false));
        else
            slots.Give(answered: null);
        return true;
    }

    private async Task<bool> BeginReleasedAsync(Release release, DateTimeOffset now, CancellationToken stopping)
    {
        if (!slots.TryTake())
            return false;
        var isBegun = false;
        try
        {
            if (await services.Deliveries.FindAsync(release.Id, stopping) is not { Delivery.Status: DeliveryStatus.Pending } due)
                queue.Forget(release);
            else if (isBegun = queue.TryTakeOut(due.Delivery, now))
                attempts.Begin(Work.Of(due, isManual: false));
        }
        finally
        {
            // Also where the read failed.
            if (!isBegun)
                slots.Give(answered: null);
        }

        return true;
    }

    /// <returns>Whether there is something to begin.</returns>
    private async Task<bool> ReadAsync(DateTimeOffset now, CancellationToken stopping)
    {
        if (queue.NextDue > now)
            return false;
        var taken = queue.BeginDueRead();
        var rows = await services.Deliveries.ReadDueAsync(endpoint.Id, now, AtOnce + taken.Count, stopping);
        foreach (var row in rows.Where(row => !taken.Contains(row.Delivery.Id)))
            _due.Enqueue(row);
        // There are more now, or the next one is later.
        var isAll = rows.Count < AtOnce + taken.Count;
        if ((isAll ? await services.Deliveries.NextDueAsync(endpoint.Id, now, stopping) : now) is { } next)
            queue.NoteNextDue(next);
        return _due.Count > 0;
    }
}
