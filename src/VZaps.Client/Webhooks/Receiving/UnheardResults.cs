namespace VZaps.Client.Webhooks;

/// <summary>How events were handled of whose end nobody heard: the gateway had hung up, and posts them again. Bounded by number and time; the oldest goes first.</summary>
/// <remarks>Not thread-safe: it stands under the lock of its <see cref="WebhookRuns"/>.</remarks>
internal sealed class UnheardResults(int max, TimeSpan lifetime, TimeProvider time)
{
    /// <summary>As much of a reason as goes to a gateway's dead letters.</summary>
    private const int MaxReasonLength = RejectFrame.MaxReasonLength;

    private readonly LinkedList<Kept> _order = [];
    private readonly Dictionary<string, LinkedListNode<Kept>> _kept = new(StringComparer.Ordinal);

    public void Keep(string id, WebhookResult result)
    {
        _kept[id] = _order.AddLast(new Kept(id, Small(result), time.GetTimestamp()));
        Trim();
    }

    /// <summary>The result, which somebody hears now; null where it is not known.</summary>
    public WebhookResult? Take(string id)
    {
        Trim();
        if (!_kept.Remove(id, out var kept))
            return null;
        _order.Remove(kept);
        return kept.Value.Answer;
    }

    private void Trim()
    {
        while (_order.First is { } oldest && (_order.Count > max || time.GetElapsedTime(oldest.Value.At) >= lifetime))
        {
            _order.RemoveFirst();
            _kept.Remove(oldest.Value.Id);
        }
    }

    /// <summary>Without the event, which may have a megabyte.</summary>
    private static WebhookResult Small(WebhookResult result) => new(result.Outcome, result.Reason is { Length: > MaxReasonLength } reason ? reason[..MaxReasonLength] : result.Reason);

    private readonly record struct Kept(string Id, WebhookResult Answer, long At);
}
