namespace VZaps.Gateway.Webhooks;

/// <summary>The deliveries of one endpoint that somebody asked for once more. For its loop alone, but for <see cref="Ask"/>.</summary>
internal sealed class ManualDeliveries(WebhookEndpoint endpoint, EndpointQueue queue, EndpointSlots slots, RunningAttempts attempts, DispatchServices services)
{
    private const int AtOnce = 8;
    private volatile bool _isAsked = true; // a restart may have left some

    /// <summary>Whether there may be some.</summary>
    public bool IsAsked => _isAsked;

    /// <summary>Somebody asked for one more, or may have.</summary>
    public void Ask() => _isAsked = true;

    /// <summary>Begins as many as there are slots for.</summary>
    public async Task BeginAsync(CancellationToken stopping)
    {
        while (_isAsked)
        {
            _isAsked = false;
            // Those that were out before the read come again: their mark goes with the end of their attempt, and that may be now.
            var taken = queue.Out;
            var asked = await services.Deliveries.ReadManualAsync(endpoint.Id, AtOnce + taken.Count, stopping);
            var begun = 0;
            foreach (var delivery in asked.Where(delivery => !taken.Contains(delivery.Delivery.Id) && queue.TryTakeOutByHand(delivery.Delivery.Id)))
            {
                if (!slots.TryTake())
                {
                    queue.GiveBack(delivery.Delivery.Id);
                    _isAsked = true;
                    return;
                }

                attempts.Begin(Work.Of(delivery, isManual: true));
                begun++;
            }

            if (asked.Count == 0)
                return;
            // The end of an attempt wakes the loop, and then there may be one more.
            _isAsked = true;
            if (begun == 0)
                return;
        }
    }
}
