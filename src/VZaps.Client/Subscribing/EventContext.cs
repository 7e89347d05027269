namespace VZaps;

/// <summary>An event with its handlers: what <see cref="EventSubscription.OnEvent"/> hands to them.</summary>
/// <remarks>One for all handlers of an attempt. Thread-safe.</remarks>
public sealed class EventContext
{
    /// <summary>Stands for what was shared when the attempt has ended.</summary>
    private static readonly List<IAsyncDisposable> Ended = [];

    /// <summary>Made by the first who shares, and the lock of all who do: most contexts share nothing.</summary>
    private List<IAsyncDisposable>? _shared;

    internal EventContext(VZapsEvent received, string consumer, CancellationToken cancellationToken) =>
        (Event, Consumer, CancellationToken) = (received, consumer, cancellationToken);

    /// <summary>The event.</summary>
    public VZapsEvent Event { get; }

    /// <summary>The consumer as which it is read: whose ack the handlers' success will be.</summary>
    public string Consumer { get; }

    /// <summary>Which delivery of the event this is, as <see cref="VZapsEvent.DeliveryCount"/> counts them.</summary>
    public int DeliveryCount => Event.DeliveryCount;

    /// <summary>
    /// Is cancelled when a close has waited for the handlers for its time-out: that of the subscription (<see cref="VZapsClientOptions.CloseTimeout"/>), or, where the event was posted, of the
    /// <see cref="WebhookReceiver"/> (<see cref="WebhookReceiverOptions.CloseTimeout"/>). A host begins to close as it begins to stop. Not when the gateway hangs up on a post: what that began is finished.
    /// </summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>What <see cref="EventSubscribeRequest.ProcessedEvents"/> began for this attempt, for handlers that write into it; null without a store.</summary>
    public IProcessedEventTransaction? Transaction { get; internal set; }

    /// <summary>
    /// What the handlers of this attempt have in common, such as a database context: made when the first of them asks for it, and disposed when the last has ended, before a store of processed events
    /// commits and before the event is acked. A store that finds the event processed, or throws, ends the attempt, too; where events are pulled, their answer does.
    /// </summary>
    /// <typeparam name="T">The key: of each type there is one.</typeparam>
    /// <param name="make">Makes it.</param>
    /// <returns>The one of this attempt. When its disposal throws, that counts as a handler that threw.</returns>
    /// <exception cref="InvalidOperationException">The attempt has ended: nobody would dispose what is made now.</exception>
    public T Share<T>(Func<T> make)
        where T : class, IAsyncDisposable
    {
        ArgumentNullException.ThrowIfNull(make);
        var shared = Volatile.Read(ref _shared) ?? BeginSharing();
        lock (shared)
        {
            // The end waits for the lock, and takes the list away before that.
            if (shared == Ended || Volatile.Read(ref _shared) != shared)
                throw new InvalidOperationException($"The attempt at {Event} has ended: what is shared now would not be disposed by anybody. Share while the handler runs.");
            if (shared.OfType<T>().FirstOrDefault() is { } present)
                return present;
            var made = make();
            shared.Add(made);
            return made;
        }
    }

    /// <summary>The attempt has ended: disposes what was shared in it, the last first. Does nothing the second time.</summary>
    /// <returns>What the first that threw threw.</returns>
    internal ValueTask<Exception?> EndAsync()
    {
        var shared = Interlocked.Exchange(ref _shared, Ended);
        return shared is null || shared == Ended ? default : DisposeAllAsync(shared);
    }

    /// <summary>Type and id of the event; never the payload.</summary>
    public override string ToString() => Event.ToString();

    private static async ValueTask<Exception?> DisposeAllAsync(List<IAsyncDisposable> shared)
    {
        IAsyncDisposable[] all;
        lock (shared)
            all = [.. shared];
        Exception? fault = null;
        for (var i = all.Length - 1; i >= 0; i--)
        {
            try
            {
                await all[i].DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception thrown)
            {
                fault ??= thrown;
            }
        }

        return fault;
    }

    private List<IAsyncDisposable> BeginSharing()
    {
        var mine = new List<IAsyncDisposable>();
        return Interlocked.CompareExchange(ref _shared, mine, null) ?? mine;
    }
}
