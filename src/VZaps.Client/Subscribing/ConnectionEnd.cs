namespace VZaps.Client.Subscribing;

/// <summary>How a connection, or the try to make one, came to its end.</summary>
/// <param name="Failure">What ended it; null where we closed the subscription.</param>
/// <param name="WasOpen">Whether it had been open.</param>
/// <param name="ReconnectAfter">The server's <c>goaway</c>: when to come again; null where there was none.</param>
/// <param name="IsForNew">Whether the user asked for a new connection, and this one was left.</param>
internal sealed record ConnectionEnd(VZapsException? Failure, bool WasOpen, TimeSpan? ReconnectAfter = null, bool IsForNew = false)
{
    public static ConnectionEnd ClosedByUs { get; } = new(Failure: null, WasOpen: true);
}
