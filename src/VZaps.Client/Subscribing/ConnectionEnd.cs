namespace VZaps.Client.Subscribing;

/// <summary>How a connection, or the try to make one, came to its end.</summary>
/// <param name="Failure">What ended it; null where we closed the subscription.</param>
/// <param name="ReconnectAfter">The server's <c>goaway</c>: when to come again; null where there was none.</param>
internal sealed record ConnectionEnd(VZapsException? Failure, TimeSpan? ReconnectAfter = null)
{
    public static ConnectionEnd ClosedByUs { get; } = new(Failure: null);
}
