using System.Diagnostics.CodeAnalysis;

namespace VZaps.Client.Subscribing;

/// <summary>Takes events out of the queue and puts them through their handlers, on as many threads of the pool as the queue calls for.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A handler that was left behind may still use the token; the source holds nothing.")]
internal sealed class HandlerWorkers(object owner, EventQueue queue, EventProcessor processor, CloseSignal closing) : IEventTaker, IThreadPoolWorkItem
{
    /// <summary>Few enough to be over in a moment.</summary>
    private const int MaxEventsPerScope = 64;

    private readonly CancellationTokenSource _abandon = new();

    // The pool's own item: the caller's activity and async locals are not the handlers'.
    public void Call() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    /// <summary>A handler that runs cannot be taken back, however long it takes.</summary>
    public bool LetsGo(string id) => false;

    public Task AbandonAsync() => _abandon.CancelAsync();

    void IThreadPoolWorkItem.Execute() => _ = RunAsync();

    /// <summary>Runs until there is nothing to take; never throws. The queue knows while one of its events is out.</summary>
    private async Task RunAsync()
    {
        while (await RunScopeAsync().ConfigureAwait(false))
        {
            // Another scope.
        }
    }

    /// <summary>
    /// Handlers inside one scope: of one event, or of some that finished at once one after the other, as a scope costs more than an event. What such
    /// a handler started and left behind counts as inside until the last of them has finished.
    /// </summary>
    /// <returns>False where there is nothing left to take.</returns>
    private async ValueTask<bool> RunScopeAsync()
    {
        using var scope = HandlerScope.Enter(owner);
        for (var events = 0; events < MaxEventsPerScope; events++)
        {
            if (!queue.TryTake(out var taken, out var line))
                return false;
            var processing = ProcessAsync(taken, line);
            var finishedAtOnce = processing.IsCompleted;
            await processing.ConfigureAwait(false);
            if (!finishedAtOnce)
                break;
        }

        return true;
    }

    private async ValueTask ProcessAsync(WaitingEvent taken, object? line)
    {
        try
        {
            if (!taken.Announced.IsCompleted)
                await taken.Announced.WaitAsync(closing.Token).ConfigureAwait(false);
            await processor.ProcessAsync(taken, _abandon.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (closing.IsRaised)
        {
            // Before its handlers were called: it is not acked and comes again to the next subscription.
        }
        finally
        {
            queue.Release(line);
        }
    }
}
