namespace VZaps.Client.Webhooks;

/// <summary>
/// Which events are with their handlers, who waits for them, and how those ended of which nobody heard, as all who had posted them had hung up by then. A post of an event that is here starts no
/// handlers a second time.
/// </summary>
/// <param name="maxUnheard">How many may run for which nobody waits: beyond it no other is begun.</param>
/// <param name="results">Of those of which nobody heard.</param>
/// <remarks>Thread-safe.</remarks>
internal sealed class WebhookRuns(int maxUnheard, UnheardResults results)
{
    private readonly Lock _gate = new();

    // Those that run, and those that have ended well while nobody has heard of it yet and somebody still waits.
    private readonly Dictionary<string, WebhookRun> _runs = new(StringComparer.Ordinal);
    private int _running;
    private int _unheard; // of those that run
    private bool _isClosed;
    private TaskCompletionSource? _idle;

    /// <summary>A post of an event came: whoever brought it waits for its run, until <see cref="Leave"/>.</summary>
    public WebhookEntry Enter(string id)
    {
        lock (_gate)
        {
            if (_runs.TryGetValue(id, out var run))
            {
                if (run.Waiting++ == 0)
                    _unheard--;
                return new WebhookEntry(run);
            }

            if (results.Answer(id) is { } known)
                return new WebhookEntry(Known: known);
            if (_isClosed || _unheard >= maxUnheard)
                return new WebhookEntry(IsClosed: _isClosed);
            run = new WebhookRun(id) { Waiting = 1 };
            _runs.Add(id, run);
            _running++;
            return new WebhookEntry(run, IsFirst: true);
        }
    }

    /// <summary>Somebody waits no longer.</summary>
    /// <param name="run">For what.</param>
    /// <param name="hasHeard">Whether he was told how it ended; else he hung up.</param>
    public void Leave(WebhookRun run, bool hasHeard)
    {
        lock (_gate)
        {
            run.Waiting--;
            if (run.Answer is { } answer)
                Settle(run, answer, hasHeard);
            else if (run.Waiting == 0)
                _unheard++;
        }
    }

    /// <summary>Its handlers have ended: those who wait are told.</summary>
    public void End(WebhookRun run, WebhookResult result)
    {
        TaskCompletionSource? idle = null;
        lock (_gate)
        {
            run.Answer = result;
            if (run.Waiting == 0)
                _unheard--;
            Settle(run, result, hasHeard: false);
            if (--_running == 0)
                (idle, _idle) = (_idle, null);
        }

        run.Tell(result);
        idle?.SetResult();
    }

    /// <summary>From now on none begins.</summary>
    public void Close()
    {
        lock (_gate)
            _isClosed = true;
    }

    /// <summary>Completes when none runs; after <see cref="Close"/>, for good.</summary>
    public Task WhenIdle()
    {
        lock (_gate)
        {
            if (_running == 0)
                return Task.CompletedTask;
            return (_idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Lets a run go that has ended, once it is known what becomes of its result.</summary>
    private void Settle(WebhookRun run, WebhookResult result, bool hasHeard)
    {
        // What failed is to be tried again, which is what the next attempt is for.
        var isOver = hasHeard || result.StatusCode != 200;
        var isKept = !isOver && run.Waiting == 0;
        if ((!isOver && !isKept) || _runs.GetValueOrDefault(run.Id) != run)
            return;
        _runs.Remove(run.Id);
        if (isKept)
            results.Keep(run.Id, result);
    }
}

/// <summary>The handlers of one event, from when they are begun to when the last has ended.</summary>
/// <remarks>What changes stands under the lock of its <see cref="WebhookRuns"/>.</remarks>
internal sealed class WebhookRun(string id)
{
    private readonly TaskCompletionSource<WebhookResult> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Id => id;

    /// <summary>How they ended.</summary>
    public Task<WebhookResult> Ended => _ended.Task;

    /// <summary>Null until then.</summary>
    public WebhookResult? Answer { get; set; }

    public int Waiting { get; set; }

    public void Tell(WebhookResult result) => _ended.SetResult(result);
}

/// <summary>What becomes of a post.</summary>
/// <param name="Run">What it waits for; null where it is answered at once.</param>
/// <param name="IsFirst">Whether the run is to be begun.</param>
/// <param name="Known">How an earlier run of the event ended; where both are null, it cannot be taken now.</param>
/// <param name="IsClosed">Whether that is because of the close; else too many run that nobody waits for.</param>
internal readonly record struct WebhookEntry(WebhookRun? Run = null, bool IsFirst = false, WebhookResult? Known = null, bool IsClosed = false);
