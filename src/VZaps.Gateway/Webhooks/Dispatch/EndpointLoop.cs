using VZaps.Gateway.Log;

namespace VZaps.Gateway.Webhooks;

/// <summary>
/// One endpoint's loop: it begins attempts of what is new, of what is due again and of what somebody asked for, as many at a time as it has slots.
/// It shares no queue with other endpoints.
/// </summary>
internal sealed partial class EndpointLoop : IDisposable
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(5);

    private readonly WebhookEndpoint _endpoint;
    private readonly DispatchServices _services;
    private readonly WakeSignal _wake = new();
    private readonly EndpointSlots _slots;
    private readonly EndpointQueue _queue;
    private readonly RunningAttempts _attempts;
    private readonly CancellationTokenSource _stopping = new();

    // What can be begun, for the loop alone.
    private readonly NewEvents _new;
    private readonly DueDeliveries _due;
    private readonly ManualDeliveries _manual;
    private WebhookOrder? _order;
    private bool _isStarted;
    private bool _dueIsNext;

    private Task _loop = Task.CompletedTask;

    public EndpointLoop(WebhookEndpoint endpoint, DispatchServices services)
    {
        (_endpoint, _services) = (endpoint, services);
        var options = services.Options.Value;
        _slots = new EndpointSlots(options.Concurrency, services.Slots, _wake);
        _queue = new EndpointQueue(options.MaxPendingPerEndpoint, options.HoldFor);
        var run = new DeliveryRun(endpoint, _queue, services);
        _attempts = new RunningAttempts(run, _slots);
        _new = new NewEvents(endpoint, _queue, _slots, run, _attempts, services, _wake);
        _due = new DueDeliveries(endpoint, _queue, _slots, _attempts, services);
        _manual = new ManualDeliveries(endpoint, _queue, _slots, _attempts, services);
    }

    public WebhookEndpoint Endpoint => _endpoint;

    /// <summary>Deliveries that are pending.</summary>
    public int Pending => _queue.Pending;

    /// <summary>Attempts that run.</summary>
    public int InFlight => _slots.Taken;

    public void Start() => _loop = Task.Run(RunAsync);

    /// <summary>Has the loop look at everything again.</summary>
    public void Wake() => _wake.Set();

    /// <summary>A delivery is about to be asked for once more.</summary>
    public void NoteAsk(long deliveryId) => _queue.NoteAsk(deliveryId);

    /// <summary>Somebody asked for deliveries once more.</summary>
    public void AskManual()
    {
        _manual.Ask();
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
        if (_endpoint.Settings.IsRunning && (_queue.NextLook <= now || (_new.IsShort && !_services.Logs.IsFull)))
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
            await _attempts.CutOffAsync();
            await end;
        }
    }

    public void Dispose()
    {
        _new.Dispose();
        _stopping.Dispose();
        _attempts.Dispose();
    }

    private async Task EndAsync()
    {
        await _loop;
        await _attempts.EndAsync();
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

        Leave();
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
        _manual.Ask();
    }

    /// <summary>Begins everything that can be begun.</summary>
    private async Task TurnAsync()
    {
        await _manual.BeginAsync(_stopping.Token);
        if (!_endpoint.Settings.IsRunning)
        {
            Leave();
            _slots.StopWaiting();
            return;
        }

        await LoadAsync();
        try
        {
            // Half and half where both wait: neither may starve the other.
            while (!_stopping.IsCancellationRequested && _endpoint.Settings.IsRunning && await BeginNextAsync())
                _dueIsNext = !_dueIsNext;
            // Who wants no slot must not stand in line for one.
            if (!_new.IsWaiting && !_due.IsWaiting && !_manual.IsAsked)
                _slots.StopWaiting();
        }
        finally
        {
            await _new.EndHoldsAsync();
        }
    }

    private async Task<bool> BeginNextAsync() => _dueIsNext
        ? await BeginDueAsync() || await BeginNewAsync()
        : await BeginNewAsync() || await BeginDueAsync();

    private Task<bool> BeginNewAsync() => _new.BeginAsync(_order!.Value, _stopping.Token);

    private Task<bool> BeginDueAsync() => _due.BeginAsync(_new.EndHoldsAsync, _stopping.Token);

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
            _new.Clear();
            _queue.Pass(_endpoint.Position);
        }

        _new.Join();
    }

    private void Leave()
    {
        _new.Leave();
        _due.Clear();
    }

    [LoggerMessage(2431, LogLevel.Error, "Webhook endpoint {Endpoint} of {InstanceId} cannot go on; it is tried again in some seconds.")]
    private static partial void LogStuck(ILogger logger, Exception exception, string endpoint, InstanceId instanceId);
}
