using System.Runtime.ExceptionServices;
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
    private readonly IAttemptSource[] _sources;
    private int _turn;
    private WebhookOrder? _order;
    private bool _isStarted;
    private bool _isJoined;

    private Task _loop = Task.CompletedTask;

    public EndpointLoop(WebhookEndpoint endpoint, DispatchServices services)
    {
        (_endpoint, _services) = (endpoint, services);
        var options = services.Options.Value;
        _slots = new EndpointSlots(options.Concurrency, services.Slots, _wake);
        _queue = new EndpointQueue(options.MaxPendingPerEndpoint, options.HoldFor);
        var run = new DeliveryRun(endpoint, _queue, services);
        _attempts = new RunningAttempts(run, _slots);
        _new = new NewEvents(endpoint, _queue, run, _attempts, services, _wake);
        _due = new DueDeliveries(endpoint, _queue, run, _attempts, services);
        _manual = new ManualDeliveries(endpoint, _queue, run, _attempts, services);
        _sources = [_new, _due, _manual];
        _attempts.Ended = _manual.EndedOne;
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

    /// <summary>Has it begin no event up to a sequence that it has not begun.</summary>
    /// <returns>Those that are begun and have no row.</returns>
    public IReadOnlyList<DeliveryRow> SkipTo(long sequence) => _queue.SkipTo(sequence);

    /// <summary>Wakes the loop where something is due.</summary>
    public void LookAt(DateTimeOffset now)
    {
        if (_endpoint.Settings.IsRunning && (_queue.NextLook <= now || (_new.IsShort && !_services.Logs.IsFullFor(_endpoint.Id))))
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
                // Whoever waits for a slot behind it must not wait for this.
                _slots.StopWaiting();
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
        if (_endpoint.Settings.IsRunning)
            await LoadAsync();
        else
            Leave();
        try
        {
            while (!_stopping.IsCancellationRequested && await NextAsync() is { } source)
            {
                // It stands in line now, or the end of an attempt of its own wakes it.
                if (!_slots.TryTake())
                    return;
                await BeginAsync(source);
                if (_new.HasManyHolds)
                    await _new.EndHoldsAsync();
            }

            // Who wants no slot must not stand in line for one.
            _slots.StopWaiting();
        }
        finally
        {
            await _new.EndHoldsAsync();
        }
    }

    /// <summary>Who begins the next one: in turns, so that none starves another; and what is asked for by hand has half of the slots where others wait.</summary>
    private async Task<IAttemptSource?> NextAsync()
    {
        ExceptionDispatchInfo? failure = null;
        for (var place = 0; place < _sources.Length; place++)
        {
            var source = _sources[(_turn + place) % _sources.Length];
            if (source == _manual ? _manual.HasItsShare(_slots.Limit) : !_isJoined || !_endpoint.Settings.IsRunning)
                continue;
            try
            {
                if (await source.HasNextAsync(_stopping.Token))
                    return source;
            }
            catch (Exception exception) when (!_stopping.IsCancellationRequested)
            {
                // What cannot be read keeps the others from nothing: where the log is damaged, what is due goes on.
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        }

        failure?.Throw();
        return await _manual.HasNextAsync(_stopping.Token) ? _manual : null;
    }

    private async Task BeginAsync(IAttemptSource source)
    {
        _turn = (Array.IndexOf(_sources, source) + 1) % _sources.Length;
        var isBegun = false;
        try
        {
            // What is held is released once it is durable.
            if (source == _due)
                await _new.EndHoldsAsync();
            isBegun = await source.BeginAsync(_stopping.Token);
        }
        finally
        {
            if (!isBegun)
                _slots.Give(answered: null);
        }
    }

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
            _order = _new.Order = order;
        }

        if (_endpoint.Position > _queue.ReadThrough)
        {
            // Moved by hand, to the log's end.
            _new.Clear();
            _queue.Pass(_endpoint.Position);
        }

        _new.Join();
        _isJoined = true;
    }

    private void Leave()
    {
        _isJoined = false;
        _new.Leave();
        _due.Clear();
    }

    [LoggerMessage(2431, LogLevel.Error, "Webhook endpoint {Endpoint} of {InstanceId} cannot go on; it is tried again in some seconds.")]
    private static partial void LogStuck(ILogger logger, Exception exception, string endpoint, InstanceId instanceId);
}
