namespace VZaps.Gateway.Webhooks;

/// <summary>The attempts of one endpoint that run now. Thread-safe.</summary>
internal sealed class RunningAttempts(DeliveryRun run, EndpointSlots slots) : IDisposable
{
    private readonly CancellationTokenSource _cutOff = new();
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _running = [];
    private int _manual;

    /// <summary>Set when what runs is broken off.</summary>
    public CancellationToken CutOff => _cutOff.Token;

    /// <summary>How many of them somebody asked for.</summary>
    public int Manual => Volatile.Read(ref _manual);

    /// <summary>Called at the end of each, before its slot is given back; set once, before the first.</summary>
    public Action Ended { get; set; } = () => { };

    /// <summary>Begins an attempt whose slot is taken and whose delivery is out; both are given back at its end.</summary>
    public void Begin(Work work)
    {
        var attempt = RunAsync(work);
        lock (_lock)
        {
            if (!attempt.IsCompleted)
                _running.Add(attempt);
        }

        _ = attempt.ContinueWith(
            (ended, state) => ((RunningAttempts)state!).Forget(ended), this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Completes when those that run have ended; nobody begins another one meanwhile.</summary>
    public Task EndAsync()
    {
        Task[] running;
        lock (_lock)
            running = [.. _running];
        return Task.WhenAll(running);
    }

    /// <summary>Breaks off what runs.</summary>
    public Task CutOffAsync() => _cutOff.CancelAsync();

    public void Dispose() => _cutOff.Dispose();

    private async Task RunAsync(Work work)
    {
        bool? answered = null;
        Interlocked.Add(ref _manual, work.IsManual ? 1 : 0);
        try
        {
            answered = await run.RunAsync(work, _cutOff.Token);
        }
        finally
        {
            Interlocked.Add(ref _manual, work.IsManual ? -1 : 0);
            Ended();
            slots.Give(answered);
        }
    }

    private void Forget(Task ended)
    {
        lock (_lock)
            _running.Remove(ended);
    }
}
