namespace VZaps;

/// <summary>An event with its handlers: what <see cref="EventSubscription.OnEvent"/> hands to them.</summary>
/// <remarks>One for all handlers of an attempt. Thread-safe.</remarks>
public sealed class EventContext
{
    private readonly Lock _gate = new();
    private List<IAsyncDisposable>? _shared;

    internal EventContext(VZapsEvent received, string consumer, CancellationToken cancellationToken) =>
        (Event, Consumer, CancellationToken) = (received, consumer, cancellationToken);

    /// <summary>The event.</summary>
    public VZapsEvent Event { get; }

    /// <summary>The consumer as which it is read: whose ack the handlers' success will be.</summary>
    public string Consumer { get; }

    /// <summary>Which delivery of the event this is, as <see cref="VZapsEvent.DeliveryCount"/> counts them.</summary>
    public int DeliveryCount => Event.DeliveryCount;

    /// <summary>Is cancelled when a close has waited for the handlers for <see cref="VZapsClientOptions.CloseTimeout"/>.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>What <see cref="EventSubscribeRequest.ProcessedEvents"/> began for this attempt, for handlers that write into it; null without a store.</summary>
    public IProcessedEventTransaction? Transaction { get; internal set; }

    /// <summary>
    /// What the handlers of this attempt have in common, such as a database context: made when the first of them asks for it, and disposed when the last has ended, before the event is acked.
    /// </summary>
    /// <typeparam name="T">The key: of each type there is one.</typeparam>
    /// <param name="make">Makes it.</param>
    /// <returns>The one of this attempt. When its disposal throws, that counts as a handler that threw.</returns>
    public T Share<T>(Func<T> make)
        where T : class, IAsyncDisposable
    {
        ArgumentNullException.ThrowIfNull(make);
        lock (_gate)
        {
            if (_shared?.OfType<T>().FirstOrDefault() is { } present)
                return present;
            var made = make();
            (_shared ??= []).Add(made);
            return made;
        }
    }

    /// <summary>The handlers have ended: disposes what they shared, the last first.</summary>
    /// <returns>What the first that threw threw.</returns>
    internal async ValueTask<Exception?> EndAsync()
    {
        List<IAsyncDisposable>? shared;
        lock (_gate)
            (shared, _shared) = (_shared, null);
        Exception? fault = null;
        for (var i = (shared?.Count ?? 0) - 1; i >= 0; i--)
        {
            try
            {
                await shared![i].DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception thrown)
            {
                fault ??= thrown;
            }
        }

        return fault;
    }

    /// <summary>Type and id of the event; never the payload.</summary>
    public override string ToString() => Event.ToString();
}
