namespace VZaps.Gateway.Delivery;

/// <summary>Events that retention removed before a reader had them.</summary>
/// <param name="After">The sequence behind which they are missing.</param>
/// <param name="ResumedAt">The oldest retained event's sequence: reading goes on there.</param>
/// <param name="Events">How many were missed at most: events of other types are among them.</param>
/// <param name="At">When it was noticed.</param>
internal sealed record Gap(long After, long ResumedAt, long Events, DateTimeOffset At)
{
    /// <summary>Why they are missing; there is one reason as yet.</summary>
    public const string Reason = "retention";
}
