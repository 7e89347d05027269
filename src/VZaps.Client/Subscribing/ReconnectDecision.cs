namespace VZaps.Client.Subscribing;

/// <summary>What follows the end of a connection: another one after a wait, or the end of the subscription.</summary>
/// <param name="Delay">The wait; null for the end.</param>
/// <param name="Error">Why it ends; null where that is an ordinary end, or where it goes on.</param>
/// <param name="IsNews">Whether the failure is told to <c>OnError</c>: not while a server restarts that said so.</param>
internal sealed record ReconnectDecision(TimeSpan? Delay, VZapsException? Error = null, bool IsNews = false)
{
    public static ReconnectDecision OrdinaryEnd { get; } = new(Delay: null);

    public static ReconnectDecision EndsWith(VZapsException error) => new(Delay: null, error);
}
