namespace VZaps.Gateway.Log;

/// <summary>What every engine holds a batch to. A breach is the caller's mistake, not a sender's: those were refused before.</summary>
internal static class DraftRules
{
    public const int MaxDrafts = 1_000;
    public const int MaxKeyBytes = 256;
    public const int MaxEnvelopeBytes = 1 << 20;

    /// <exception cref="ArgumentException">The batch is empty or too large, or a draft is not one.</exception>
    public static void Check(IReadOnlyList<EventDraft> drafts)
    {
        if (drafts.Count is < 1 or > MaxDrafts)
            throw new ArgumentException($"A batch has 1 to {MaxDrafts} events, not {drafts.Count}.", nameof(drafts));
        for (var i = 0; i < drafts.Count; i++)
        {
            if (!drafts[i].Type.IsKnown || drafts[i].Utf8.Length > MaxEnvelopeBytes || drafts[i].IdempotencyKey.Length > MaxKeyBytes)
                throw new ArgumentException($"Draft {i} is of an unknown type, over {MaxEnvelopeBytes} bytes, or has a key over {MaxKeyBytes} bytes.", nameof(drafts));
        }
    }
}
