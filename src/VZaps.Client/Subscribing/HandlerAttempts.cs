namespace VZaps.Client.Subscribing;

/// <summary>One event to its handlers, whichever way it came: an attempt, and more as the policy has it.</summary>
/// <param name="handlers">The handlers.</param>
/// <param name="retrying">Says whether there is another attempt.</param>
/// <param name="processed">The user's store around each.</param>
/// <param name="consumer">As which it is read.</param>
internal sealed class HandlerAttempts(HandlerTable handlers, HandlerRetrying retrying, ProcessedEvents processed, Func<string> consumer)
{
    /// <summary>Attempts until the handlers have finished, or there is no point in another attempt.</summary>
    /// <returns>
    /// How many handlers were called last, null where it did not come to that: it was processed before, or the store threw. And who failed in the last attempt, or before in a way that another one cannot
    /// mend; null where nobody did.
    /// </returns>
    public async ValueTask<(int? Called, List<FailedHandler>? Failed)> RunAsync(VZapsEvent received, CancellationToken cancellationToken)
    {
        List<FailedHandler>? failed = null;
        List<FailedHandler>? hopeless = null;
        for (var attempt = 1; ; attempt++)
        {
            (var called, failed) = await AttemptAsync(received, failed, cancellationToken).ConfigureAwait(false);
            if (failed is null || !await retrying.WaitAsync(received, failed, attempt, cancellationToken).ConfigureAwait(false))
                return (called, hopeless is null ? failed : [.. hopeless, .. failed ?? []]);
            // What would be no different the next time stands, unless all was undone: then all are called again.
            if (processed.IsOn || failed.FindAll(one => one.IsHopeless) is not { Count: > 0 } final)
                continue;
            (hopeless ??= []).AddRange(final);
            failed.RemoveAll(one => one.IsHopeless);
        }
    }

    private ValueTask<(int? Called, List<FailedHandler>? Failed)> AttemptAsync(VZapsEvent received, List<FailedHandler>? failedBefore, CancellationToken cancellationToken)
    {
        var round = new HandlerRound(handlers.All);
        if (processed.IsOn)
            return processed.HandleOnceAsync(new EventContext(received, consumer(), cancellationToken), round, cancellationToken);
        var context = round.NeedsContext(received.Type) ? new EventContext(received, consumer(), cancellationToken) : null;
        // Those that finished are not called again: what they did stays done.
        return round.CallAsync(received, context, failedBefore, cancellationToken);
    }
}
