namespace VZaps.Client.Webhooks;

/// <summary>
/// How events were handled of whose end nobody heard: the gateway had hung up, and posts them again. Bounded by number and time; what was answered since goes first, then the oldest.
/// </summary>
/// <remarks>Not thread-safe: it stands under the lock of its <see cref="WebhookRuns"/>.</remarks>
internal sealed class UnheardResults(int max, TimeSpan lifetime, TimeProvider time)
{
    /// <summary>As much of a reason as goes to a gateway's dead letters.</summary>
    private const int MaxReasonLength = RejectFrame.MaxReasonLength;

    private readonly LinkedList<Kept> _unheard = [], _answered = [];
    private readonly Dictionary<string, LinkedListNode<Kept>> _kept = new(StringComparer.Ordinal);

    /// <summary>How long a result is still given after it was given first: that answer may be lost on its way, and is asked for again. After it, a delivery that is retried by hand is handled.</summary>
    public static TimeSpan AnsweredFor { get; } = TimeSpan.FromSeconds(30);

    public void Keep(string id, WebhookResult result)
    {
        if (_kept.GetValueOrDefault(id) is { } older)
            Forget(older);
        _kept[id] = _unheard.AddLast(new Kept(id, Small(result), time.GetTimestamp()));
        Trim();
    }

    /// <summary>The result, which somebody is told now; null where it is not known.</summary>
    public WebhookResult? Answer(string id)
    {
        Trim();
        if (!_kept.TryGetValue(id, out var kept))
            return null;
        if (kept.List == _unheard)
        {
            _unheard.Remove(kept);
            kept.Value = kept.Value with { At = time.GetTimestamp() };
            _answered.AddLast(kept);
        }

        return kept.Value.Answer;
    }

    private void Trim()
    {
        Trim(_answered, AnsweredFor);
        Trim(_unheard, lifetime);
    }

    private void Trim(LinkedList<Kept> kept, TimeSpan keepFor)
    {
        while (kept.First is { } oldest && (_kept.Count > max || time.GetElapsedTime(oldest.Value.At) >= keepFor))
            Forget(oldest);
    }

    private void Forget(LinkedListNode<Kept> kept)
    {
        kept.List!.Remove(kept);
        _kept.Remove(kept.Value.Id);
    }

    /// <summary>Without the event, which may have a megabyte.</summary>
    private static WebhookResult Small(WebhookResult result) => new(result.Outcome, result.Reason is { Length: > MaxReasonLength } reason ? reason[..MaxReasonLength] : result.Reason);

    private readonly record struct Kept(string Id, WebhookResult Answer, long At);
}
