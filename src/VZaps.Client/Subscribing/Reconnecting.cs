using VZaps.Client.Realtime;

namespace VZaps.Client.Subscribing;

/// <summary>
/// Decides what follows the end of a connection. In this order: what cannot heal ends the subscription; so does any end where it does not reconnect; a connection that the user
/// wants anew is made at once; the time after a <c>goaway</c> has its own waits; for all else the policy is asked.
/// </summary>
/// <remarks>Not thread-safe: it belongs to the loop that connects.</remarks>
internal sealed class Reconnecting(EventSubscribeRequest request, TimeProvider time)
{
    private readonly RestartGrace _grace = new(request.RetryDelay, time);
    private readonly ReconnectTries _tries = new(
        request.ReconnectPolicy ?? new ExponentialReconnectPolicy(request.RetryDelay, request.MaxRetries), request.RetryDelay, Random.Shared, time);

    /// <summary>Failures one after the other.</summary>
    public int Failures => _tries.Failures;

    /// <summary>A handshake succeeded.</summary>
    public void Opened() => _grace.End();

    /// <summary>A connection held: what fails next is a first failure.</summary>
    public void Held() => _tries.Reset();

    /// <param name="ended">How it ended; not where we closed the subscription.</param>
    /// <param name="failsFast">Whether a failure ends the subscription: the first connection's, where that was asked for.</param>
    public ReconnectDecision After(ConnectionEnd ended, bool failsFast)
    {
        var failure = ended.Failure!;
        if (!RetryTable.IsTransient(failure) || failsFast)
            return ReconnectDecision.EndsWith(failure);
        if (!request.Reconnect)
        {
            // Without reconnecting, the server's ordinary goodbye is an ordinary end.
            return ended.ReconnectAfter is not null || failure is VZapsRealtimeException { CloseCode: (int)CloseCode.Normal }
                ? ReconnectDecision.OrdinaryEnd
                : ReconnectDecision.EndsWith(failure);
        }

        if (ended.IsForNew)
            return new ReconnectDecision(TimeSpan.Zero);
        if (ended.ReconnectAfter is not null)
            _grace.Begin();
        return _grace.IsOn
            ? new ReconnectDecision(_grace.NextDelay(failure, ended.ReconnectAfter ?? RetryTable.RetryAfter(failure)))
            : AskPolicy(failure);
    }

    private ReconnectDecision AskPolicy(VZapsException failure)
    {
        try
        {
            return _tries.Next(failure, RetryTable.RetryAfter(failure)) is { } delay
                ? new ReconnectDecision(delay, IsNews: true)
                : ReconnectDecision.EndsWith(new VZapsRealtimeException(GivenUp(failure), failure));
        }
        catch (Exception thrown)
        {
            return ReconnectDecision.EndsWith(new VZapsException($"The reconnect policy threw: {thrown.Message} It was asked after: {failure.Message}", thrown));
        }
    }

    private string GivenUp(VZapsException failure) =>
        $"{_tries.Failures} tries to connect failed one after the other ({(request.ReconnectPolicy is null ? $"MaxRetries {request.MaxRetries}" : "the reconnect policy gave up")}). The last: {failure.Message}";
}
