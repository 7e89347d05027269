namespace VZaps;

/// <summary>Remembers the last events in memory: enough against redeliveries while the program runs, and over several subscriptions; a restart forgets them.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class InMemoryProcessedEventStore : IProcessedEventStore
{
    private readonly int _capacity;
    private readonly Lock _gate = new();
    private readonly HashSet<Key> _processed = [];
    private readonly Queue<Key> _order = new();
    private readonly Dictionary<Key, TaskCompletionSource> _begun = [];

    /// <summary>A store.</summary>
    /// <param name="capacity">How many events it remembers, the latest; 1 to 10,000,000, at about 200 bytes each. Default 100,000.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is out of range.</exception>
    public InMemoryProcessedEventStore(int capacity = 100_000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 10_000_000);
        _capacity = capacity;
    }

    /// <inheritdoc/>
    public async ValueTask<IProcessedEventTransaction?> BeginAsync(EventContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var key = new Key(context.Event.Id, context.Consumer);
        while (true)
        {
            Task other;
            lock (_gate)
            {
                if (_processed.Contains(key))
                    return null;
                if (!_begun.TryGetValue(key, out var begun))
                {
                    _begun.Add(key, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                    return new Transaction(this, key);
                }

                other = begun.Task;
            }

            await other.WaitAsync(context.CancellationToken).ConfigureAwait(false);
        }
    }

    private void Commit(Key key)
    {
        lock (_gate)
        {
            if (!_processed.Add(key))
                return;
            _order.Enqueue(key);
            if (_order.Count > _capacity)
                _processed.Remove(_order.Dequeue());
        }
    }

    private void End(Key key)
    {
        lock (_gate)
        {
            if (_begun.Remove(key, out var begun))
                begun.SetResult();
        }
    }

    private readonly record struct Key(string EventId, string Consumer);

    private sealed class Transaction(InMemoryProcessedEventStore store, Key key) : IProcessedEventTransaction
    {
        public ValueTask CommitAsync(CancellationToken cancellationToken)
        {
            store.Commit(key);
            return default;
        }

        public ValueTask DisposeAsync()
        {
            store.End(key);
            return default;
        }
    }
}
