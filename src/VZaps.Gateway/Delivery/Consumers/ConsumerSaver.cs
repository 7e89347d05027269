using VZaps.Gateway.Log;

namespace VZaps.Gateway.Delivery;

/// <summary>
/// Saves the consumers' states: about once a second all that have changed, and at once when somebody waits for it.
/// Losing the last second in a crash costs duplicates, never an event.
/// </summary>
internal sealed partial class ConsumerSaver(
    ConsumerDirectory consumers, ConsumerStore store, DeadLetterStore letters, TimeProvider time, ILogger<ConsumerSaver> logger) : IHostedService, IDisposable
{
    /// <summary>How long a change may stay unsaved.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly WakeSignal _wake = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource _nextSave = NewSave();
    private ITimer? _timer;
    private Task _loop = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = time.CreateTimer(_ => _wake.Set(), state: null, Interval, Interval);
        _loop = RunAsync();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        _wake.Set();
        await _loop.WaitAsync(cancellationToken);
    }

    /// <summary>Completes when every change made before the call is durable.</summary>
    /// <exception cref="Exception">The save failed.</exception>
    public async Task SaveNowAsync(CancellationToken cancellationToken)
    {
        Task save;
        lock (_lock)
            save = _nextSave.Task;
        _wake.Set();
        await save.WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            await _wake.WaitAsync();
            // Read before the save, so that what changed until the stop is in the last one.
            var isLast = _stopping.IsCancellationRequested;
            await SaveAsync();
            if (isLast)
                return;
        }
    }

    private async Task SaveAsync()
    {
        TaskCompletionSource waiting;
        lock (_lock)
            (waiting, _nextSave) = (_nextSave, NewSave());
        try
        {
            await SaveChangedAsync();
            waiting.SetResult();
        }
        catch (Exception exception)
        {
            // Tried again within a second; until then acks are kept in memory alone.
            LogFailed(logger, exception);
            waiting.SetException(exception);
            _ = waiting.Task.Exception; // seen here; most saves have nobody who waits
        }
    }

    private async Task SaveChangedAsync()
    {
        var changed = consumers.All
            .Where(consumer => consumer.Version != consumer.SavedVersion && !consumer.IsForgotten)
            .Select(consumer => (Consumer: consumer, State: consumer.Snapshot()))
            .ToList();
        if (changed.Count == 0)
            return;
        await store.SaveAsync([.. changed.Select(change => (change.Consumer.Key, change.State))], CancellationToken.None);
        foreach (var (consumer, state) in changed)
        {
            consumer.SavedVersion = state.Version;
            // A crash before this leaves a letter of an acked event: it is acked again when it comes again.
            if (consumer.ReadLetters(index => index.Acked()) is not { Count: > 0 } acked)
                continue;
            await letters.DeleteAsync(consumer.Key, acked, CancellationToken.None);
            consumer.ReadLetters(index => index.ForgetAcked(acked));
        }
    }

    private static TaskCompletionSource NewSave() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(2201, LogLevel.Error, "The positions of consumers could not be saved. They are tried again every second; after a crash "
        + "until then, acked events are delivered again. Look at the disk that holds the data folder.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
