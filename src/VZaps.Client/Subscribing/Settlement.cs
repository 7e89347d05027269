namespace VZaps.Client.Subscribing;

/// <summary>
/// What becomes of an event that is out: handled and acked, or given back, and the server is told, where it takes that, to send it again later or to
/// give it up. While it is out, the server is told that it is being worked on.
/// </summary>
/// <remarks>Thread-safe; nothing here throws.</remarks>
internal sealed class Settlement(HandledMark mark, AckOutbox acks, FailedEvents failures, HandlersAtWork atWork)
{
    /// <summary>It goes to whoever handles it.</summary>
    public void Begin(VZapsEvent received) => atWork.Begin(received.Id);

    /// <summary>Whoever handles it has ended.</summary>
    public void End(VZapsEvent received) => atWork.End(received.Id);

    /// <summary>It was handled.</summary>
    /// <returns>Completes when the next may come, see <see cref="AckOutbox.AckAsync"/>.</returns>
    public Task AckAsync(VZapsEvent handled)
    {
        mark.Handled(handled.Id);
        return acks.AckAsync(handled.Id);
    }

    /// <summary>It was not handled and is not to blame: it is owed, and handled when it comes again.</summary>
    public void Leave(VZapsEvent left) => mark.Leave(left.Id);

    /// <summary>It is not known whether it was handled: it comes again, unless it is settled already.</summary>
    public void Doubt(VZapsEvent doubtful) => mark.TryFail(doubtful.Id);

    /// <summary>It may be handled later.</summary>
    /// <param name="failed">The event.</param>
    /// <param name="delay">Not before that; null for a delay that grows with its deliveries.</param>
    public Task RetryAsync(VZapsEvent failed, TimeSpan? delay = null)
    {
        // First the mark: what comes again from here on is to be handled.
        mark.Failed(failed.Id);
        return failures.RetryAsync(failed, delay);
    }

    /// <summary>It can never be handled. A dead letter that is redelivered is handled all the same.</summary>
    public Task RejectAsync(VZapsEvent failed, string reason)
    {
        mark.Rejected(failed.Id);
        return failures.RejectAsync(failed, reason);
    }
}
