using VZaps.Gateway.Log;

namespace VZaps.Gateway.Webhooks;

/// <summary>
/// One endpoint's loop: it begins attempts of what is new, of what is due again and of what somebody asked for, as many at a time as it has slots.
/// It shares no queue with other endpoints.
/// </summary>
internal sealed partial class EndpointLoop : IDisposable
{
    private const int DueAtOnce = 8, ManualAtOnce = 8, HoldsAtOnce = 64;
    private static readonly LogPageLimits PageLimits = new(MaxEvents: 64, MaxBytes: 256 * 1024);
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(5);

    private readonly WebhookEndpoint _endpoint;
    private readonly DispatchServices _services;
    private readonly WakeSignal _wake = new();
    private readonly EndpointSlots _slots;
    private readonly EndpointQueue _queue;
    private readonly DeliveryRun _run;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _cutOff = new();

    // What was read and is not begun yet, for the loop alone.
    private readonly Queue<Envelope> _page = new();
    private readonly Queue<DueDelivery> _due = new();
    private readonly List<Task> _holds = [];
    private EventReader? _reader;
    private long _pageThrough;
    private WebhookOrder? _order;
    private bool _isStarted;
    private bool _dueIsNext;

    private readonly Lock _lock = new();
    private readonly HashSet<Task> _running = [];
    private Task _loop = Task.CompletedTask;
    private volatile bool _isShort;
    private volatile bool _isManualAsked = true; // a restart may have left some

    public EndpointLoop(WebhookEndpoint endpoint, DispatchServices services)
    {
        (_endpoint, _services) = (endpoint, services);
        var options = services.Options.Value;
        _slots = new EndpointSlots(options.Concurrency, services.Slots, _wake);
        _queue = new EndpointQueue(options.MaxPendingPerEndpoint, options.HoldFor);
        _run = new DeliveryRun(endpoint, _queue, services);
    }

    public WebhookEndpoint Endpoint => _endpoint;

    /// <summary>Deliveries that are pending.</summary>
    public int Pending => _queue.Pending;

    /// <summary>Attempts that run.</summary>
    public int InFlight => _slots.Taken;

    public void Start() => _loop = Task.Run(RunAsync);

    /// <summary>Has the loop look at everything again.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Somebody asked for deliveries once more.</summary>
    public void AskManual()
    {
        _isManualAsked = true;
        _wake.Set();
    }

    /// <summary>A pending delivery was made beside what the loop reads.</summary>
    public void Add(DeliveryRow row)
    {
        _queue.EnterPending(row);
        if (row.IsManual)
            AskManual();
        else
            _wake.Set();
    }

    /// <summary>Wakes the loop where something is due.</summary>
    public void LookAt(DateTimeOffset now)
    {
        if (_endpoint.Settings.IsRunning && (_queue.NextLook <= now || (_isShort && !_services.Logs.IsFull)))
            _wake.Set();
    }

    /// <summary>Begins nothing more, and lets what runs come to its end.</summary>
    /// <param name="grace">How long; then it is broken off.</param>
    public async Task StopAsync(TimeSpan grace)
    {
        await _stopping.CancelAsync();
        _wake.Set();
        var end = EndAsync();
        try
        {
            await end.WaitAsync(grace, _services.Time);
        }
        catch (TimeoutException)
        {
            await _cutOff.CancelAsync();
            await end;
        }
    }

    public void Dispose()
    {
        _reader?.Dispose();
        _stopping.Dispose();
        _cutOff.Dispose();
    }

    private async Task EndAsync()
    {
        await _loop;
        Task[] running;
        lock (_lock)
            running = [.. _running];
        await Task.WhenAll(running);
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await TurnAsync();
                await _wake.WaitAsync();
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                LogStuck(_services.Logger, exception, _endpoint.Name, _endpoint.Instance);
                await RecoverAsync();
            }
        }

        LeaveFeed();
        _slots.StopWaiting();
    }

    private async Task RecoverAsync()
    {
        try
        {
            await Task.Delay(Recovery, _services.Time, _stopping.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        // What was being read when it failed is not known to be due any more.
        _queue.NoteNextDue(_services.Time.GetUtcNow());
        _isManualAsked = true;
    }

    /// <summary>Begins everything that can be begun.</summary>
    private async Task TurnAsync()
    {
        await BeginManualAsync();
        if (!_endpoint.Settings.IsRunning)
        {
            LeaveFeed();
            _slots.StopWaiting();
            return;
        }

        await LoadAsync();
        try
        {
            // Half and half where both wait: neither may starve the other.
            while (!_stopping.IsCancellationRequested && _endpoint.Settings.IsRunning && await BeginNextAsync())
                _dueIsNext = !_dueIsNext;
            if (!WantsSlot())
                _slots.StopWaiting();
        }
        finally
        {
            await EndHoldsAsync();
        }
    }

    /// <summary>Waits until what is held is durable: their events take memory until then.</summary>
    private async Task EndHoldsAsync()
    {
        await Task.WhenAll(_holds);
        _holds.Clear();
    }

    /// <summary>Whether anything waits for a slot; who wants none must not stand in line for one.</summary>
    private bool WantsSlot() => (_page.Count > 0 && HasRoom()) || _due.Count > 0 || _isManualAsked || _queue.TryPeekRelease(out _);

    private async Task<bool> BeginNextAsync() => _dueIsNext
        ? await BeginDueAsync() || await BeginNewAsync()
        : await BeginNewAsync() || await BeginDueAsync();

    /// <summary>What a start, or a change of the order, has to know.</summary>
    private async Task LoadAsync()
    {
        if (!_isStarted)
        {
            _queue.Start(_endpoint.Position, await _services.Deliveries.SequencesAfterAsync(_endpoint.Id, _endpoint.Position, _stopping.Token));
            _isStarted = true;
        }

        if (_order != _endpoint.Settings.Order)
        {
            var order = _endpoint.Settings.Order;
            _due.Clear();
            _queue.Load(await _services.Deliveries.ReadPendingAsync(_endpoint.Id, _stopping.Token), order, _services.Time.GetUtcNow());
            _order = order;
        }

        if (_endpoint.Position > _queue.ReadThrough)
        {
            // Moved by hand, to the log's end.
            _page.Clear();
            _queue.Pass(_endpoint.Position);
        }

        _reader ??= new EventReader(_services.Log.Value, _services.Feeds, _endpoint.Instance, _wake);
    }

    private async Task<bool> BeginNewAsync()
    {
        if (!HasRoom() || (_page.Count == 0 && !await ReadPageAsync()) || !_slots.TryTake())
            return false;
        var envelope = _page.Dequeue();
        var sequence = envelope.Position.Sequence;
        if (_queue.Begin(sequence))
            BeginNew(envelope);
        else
            _slots.Give(answered: null);
        if (_page.Count == 0)
            _endpoint.Advance(_queue.Pass(_pageThrough));
        if (_holds.Count >= HoldsAtOnce)
            await EndHoldsAsync();
        return true;
    }

    /// <summary>Whether there is room for another delivery that may fail. Where what is pending everywhere fills the logs, an endpoint that takes all of its
    /// posts goes on: those do not stay.</summary>
    private bool HasRoom()
    {
        _isShort = _services.Logs.IsFull && _queue.Pending > 0;
        return !_isShort && _queue.HasRoom;
    }

    private void BeginNew(Envelope envelope)
    {
        var id = envelope.Position.ToString();
        var chat = _order == WebhookOrder.Chat ? ChatOfEnvelope.Read(new PostedEvent(id, envelope.TypeIndex, envelope.Utf8)) : null;
        var row = new DeliveryRow
        {
            Id = _services.Deliveries.NewId(),
            EndpointId = _endpoint.Id,
            Sequence = envelope.Position.Sequence,
            EventId = id,
            TypeIndex = envelope.TypeIndex,
            Chat = chat,
        };
        if (_queue.TakeOutOrHold(row.Id, chat))
        {
            Run(new Work(row, envelope.Utf8, IsNew: true, IsManual: false));
            return;
        }

        _slots.Give(answered: null);
        _holds.Add(_run.HoldAsync(row, envelope.Utf8, _cutOff.Token));
    }

    /// <returns>Whether there is something to begin.</returns>
    private async Task<bool> ReadPageAsync()
    {
        while (true)
        {
            var after = _queue.ReadThrough;
            var page = await _reader!.ReadAsync(after, _services.Endpoints.TypesOf(_endpoint), PageLimits, _stopping.Token);
            if (page.ReadAfter > after)
            {
                _services.Metrics.Gap(page.ReadAfter - after);
                LogGap(_services.Logger, _endpoint.Name, _endpoint.Instance, page.ReadAfter - after);
            }

            foreach (var envelope in page.Envelopes)
                _page.Enqueue(envelope);
            _pageThrough = page.ReadThrough;
            if (_page.Count > 0)
                return true;
            _endpoint.Advance(_queue.Pass(page.ReadThrough));
            if (page.ReachedEnd)
                return false;
        }
    }

    private async Task<bool> BeginDueAsync()
    {
        var now = _services.Time.GetUtcNow();
        _queue.Expire(now);
        if (_queue.TryPeekRelease(out var release))
            return await BeginReleasedAsync(release, now);
        if ((_due.Count == 0 && !await ReadDueAsync(now)) || !_slots.TryTake())
            return false;
        var due = _due.Dequeue();
        if (_queue.TryTakeOut(due.Delivery, now))
            Run(WorkOf(due, isManual: false));
        else
            _slots.Give(answered: null);
        return true;
    }

    private async Task<bool> BeginReleasedAsync(EndpointQueue.Release release, DateTimeOffset now)
    {
        // Held rows are durable before the turn that holds them ends.
        await EndHoldsAsync();
        if (!_slots.TryTake())
            return false;
        if (await _services.Deliveries.FindAsync(release.Id, _stopping.Token) is { Delivery.Status: DeliveryStatus.Pending } due)
        {
            if (_queue.TryTakeOut(due.Delivery, now))
            {
                Run(WorkOf(due, isManual: false));
                return true;
            }
        }
        else
        {
            _queue.Forget(release);
        }

        _slots.Give(answered: null);
        return true;
    }

    /// <returns>Whether there is something to begin.</returns>
    private async Task<bool> ReadDueAsync(DateTimeOffset now)
    {
        if (_queue.NextDue > now)
            return false;
        var taken = _queue.BeginDueRead();
        var rows = await _services.Deliveries.ReadDueAsync(_endpoint.Id, now, DueAtOnce + taken.Count, _stopping.Token);
        foreach (var row in rows.Where(row => !taken.Contains(row.Delivery.Id)))
            _due.Enqueue(row);
        // There are more now, or the next one is later.
        var isAll = rows.Count < DueAtOnce + taken.Count;
        if ((isAll ? await _services.Deliveries.NextDueAsync(_endpoint.Id, now, _stopping.Token) : now) is { } next)
            _queue.NoteNextDue(next);
        return _due.Count > 0;
    }

    /// <summary>Begins what somebody asked for; a disabled endpoint does nothing else.</summary>
    private async Task BeginManualAsync()
    {
        while (_isManualAsked)
        {
            _isManualAsked = false;
            // Those that were out before the read come again: their mark goes with the end of their attempt, and that may be now.
            var taken = _queue.Out;
            var asked = await _services.Deliveries.ReadManualAsync(_endpoint.Id, ManualAtOnce + taken.Count, _stopping.Token);
            var begun = 0;
            foreach (var delivery in asked.Where(delivery => !taken.Contains(delivery.Delivery.Id) && _queue.TryTakeOutByHand(delivery.Delivery.Id)))
            {
                if (!_slots.TryTake())
                {
                    _queue.GiveBack(delivery.Delivery.Id);
                    _isManualAsked = true;
                    return;
                }

                Run(WorkOf(delivery, isManual: true));
                begun++;
            }

            if (asked.Count == 0)
                return;
            // The end of an attempt wakes the loop, and then there may be one more.
            _isManualAsked = true;
            if (begun == 0)
                return;
        }
    }

    private static Work WorkOf(DueDelivery due, bool isManual) =>
        new(due.Delivery, due.Envelope is { } bytes ? bytes : (ReadOnlyMemory<byte>?)null, IsNew: false, isManual);

    /// <summary>Begins an attempt whose slot is taken.</summary>
    private void Run(Work work)
    {
        var attempt = RunAsync(work);
        lock (_lock)
        {
            if (!attempt.IsCompleted)
                _running.Add(attempt);
        }

        _ = attempt.ContinueWith(
            (ended, state) => ((EndpointLoop)state!).Forget(ended), this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task RunAsync(Work work)
    {
        var answered = await _run.RunAsync(work, _cutOff.Token);
        _slots.Give(answered);
    }

    private void Forget(Task ended)
    {
        lock (_lock)
            _running.Remove(ended);
    }

    private void LeaveFeed()
    {
        _reader?.Dispose();
        _reader = null;
        _page.Clear();
        if (_due.Count == 0)
            return;
        _due.Clear();
        _queue.NoteNextDue(_services.Time.GetUtcNow());
    }

    [LoggerMessage(2431, LogLevel.Error, "Webhook endpoint {Endpoint} of {InstanceId} cannot go on; it is tried again in some seconds.")]
    private static partial void LogStuck(ILogger logger, Exception exception, string endpoint, InstanceId instanceId);

    [LoggerMessage(2432, LogLevel.Warning, "Webhook endpoint {Endpoint} of {InstanceId} missed up to {Events} events that retention removed before they were posted. "
        + "Raise Log:RetentionAge or the byte limits beside it, or see why it is behind: it may be disabled, or have Webhooks:MaxPendingPerEndpoint deliveries pending.")]
    private static partial void LogGap(ILogger logger, string endpoint, InstanceId instanceId, long events);
}
