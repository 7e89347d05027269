using System.Diagnostics;
using VZaps.Client.Subscribing;
using VZaps.Client.Telemetry;

namespace VZaps;

/// <summary>An event that <see cref="VZapsEvents.StreamAsync"/> gave out, and its answer.</summary>
/// <remarks>
/// <para>Thread-safe. The first answer counts, a later one does nothing. Without an answer nothing is acked: the event is owed and comes again, over the
/// next connection at the latest. Until it is answered, the server is told that it is being worked on, for up to
/// <see cref="VZapsClientOptions.MaxHandlerTime"/>.</para>
/// <para>Answer before you leave the loop: that closes the stream, and what was not answered by then is owed. Where the loop's body disposes the client, that call returns at once, and what the body
/// holds may be answered after it, for at most <see cref="VZapsClientOptions.CloseTimeout"/>.</para>
/// </remarks>
public sealed class EventDelivery
{
    private readonly DeliveryReader _reader;
    private int _answered;

    /// <summary>A field, as it changes in place.</summary>
    internal ProcessSpan Span;

    internal EventDelivery(DeliveryReader reader, VZapsEvent received, string consumer, EventContext? context) =>
        (_reader, Event, Consumer, Context) = (reader, received, consumer, context);

    /// <summary>The event.</summary>
    public VZapsEvent Event { get; }

    /// <summary>The consumer as which it is read: whose ack <see cref="AckAsync"/> is.</summary>
    public string Consumer { get; }

    /// <summary>Which delivery of the event this is, as <see cref="VZapsEvent.DeliveryCount"/> counts them.</summary>
    public int DeliveryCount => Event.DeliveryCount;

    /// <summary>
    /// What <see cref="EventSubscribeRequest.ProcessedEvents"/> began for it, null without a store. <see cref="AckAsync"/> commits it; every other answer, and none, undoes it.
    /// </summary>
    public IProcessedEventTransaction? Transaction => Context?.Transaction;

    /// <summary>
    /// The span of its processing, from when it was given out to its answer; null where nobody listens to the source <c>VZaps.Client</c>. Name it as the parent of what you do for the event: a
    /// loop that pulls may have many out, so it is not made the current one.
    /// </summary>
    public Activity? Activity => Span.Activity;

    /// <summary>What a store of processed events was given; null without one, as nobody else sees it.</summary>
    internal EventContext? Context { get; }

    /// <summary>It was handled and is not to come again.</summary>
    /// <param name="cancellationToken">Ends the wait, not the ack.</param>
    /// <returns>Completes when you may go on. Without a connection, the ack goes over the next one.</returns>
    /// <exception cref="VZapsRealtimeException">
    /// The stream has ended before: the event is owed and comes again. Or, with a store of processed events, it was out for longer than
    /// <see cref="VZapsClientOptions.MaxHandlerTime"/>: a copy of it was given out, and its transaction undone. Without a store such a late ack still counts.
    /// </exception>
    public Task AckAsync(CancellationToken cancellationToken = default) =>
        IsFirstAnswer() ? _reader.AckAsync(this).WaitAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>It could not be handled now: it is to come again, after a delay. Counts as a delivery.</summary>
    /// <param name="delay">
    /// Not before that, 0 to 1 h. Null for <see cref="VZapsClientOptions.FailedEventDelay"/>, doubled with each delivery. A server without the extension sends it
    /// again when its ack is overdue.
    /// </param>
    /// <param name="cancellationToken">Ends the wait, not the answer.</param>
    /// <exception cref="VZapsRealtimeException">The stream has ended before: the event is owed and comes again.</exception>
    public Task NackAsync(TimeSpan? delay = null, CancellationToken cancellationToken = default) =>
        IsFirstAnswer() ? _reader.NackAsync(this, delay).WaitAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>It can never be handled: to the dead letters, where the server takes that; else it comes again until its deliveries are used up.</summary>
    /// <param name="reason">Why, for whoever looks at the dead letter; its first 500 characters are kept there. No secrets.</param>
    /// <param name="cancellationToken">Ends the wait, not the answer.</param>
    /// <exception cref="VZapsRealtimeException">The stream has ended before: the event is owed and comes again.</exception>
    public Task RejectAsync(string reason, CancellationToken cancellationToken = default) =>
        IsFirstAnswer() ? _reader.RejectAsync(this, reason).WaitAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>It takes longer: <see cref="VZapsClientOptions.MaxHandlerTime"/> starts anew, and the server is told at once, where it takes that.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <remarks>Not needed before that time, as the SDK says so by itself. A server grants an hour in all on one connection.</remarks>
    /// <exception cref="VZapsRealtimeException">The stream has ended before.</exception>
    public Task ExtendAsync(CancellationToken cancellationToken = default) =>
        Volatile.Read(ref _answered) == 0 ? _reader.ExtendAsync(this).WaitAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>Type and id of the event; never the payload.</summary>
    public override string ToString() => Event.ToString();

    private bool IsFirstAnswer() => Interlocked.Exchange(ref _answered, 1) == 0;
}
