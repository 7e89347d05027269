using VZaps.Gateway.Log;

namespace VZaps.Gateway.Webhooks;

/// <summary>The events of one endpoint that are behind its position in the log. For its loop alone.</summary>
internal sealed partial class NewEvents(
    WebhookEndpoint endpoint, EndpointQueue queue, DeliveryRun run, RunningAttempts attempts, DispatchServices services, WakeSignal wake) : IAttemptSource, IDisposable
{
    private const int HoldsAtOnce = 64;
    private static readonly LogPageLimits PageLimits = new(MaxEvents: 64, MaxBytes: 256 * 1024);
    private readonly Queue<Envelope> _page = new();
    private readonly List<Task> _holds = [];
    private EventReader? _reader;
    private long _pageThrough;
    private volatile bool _isShort;

    /// <summary>Whether it stands still for the logs, which are full.</summary>
    public bool IsShort => _isShort;

    /// <summary>Whether so many are held that their end has to be waited for.</summary>
    public bool HasManyHolds => _holds.Count >= HoldsAtOnce;

    /// <summary>Whether events of a chat are kept in order.</summary>
    public WebhookOrder Order { get; set; }

    /// <summary>Joins the feed of the instance.</summary>
    public void Join() => _reader ??= new EventReader(services.Log.Value, services.Feeds, endpoint.Instance, wake);

    /// <summary>Leaves the feed, and forgets what was read.</summary>
    public void Leave()
    {
        _reader?.Dispose();
        _reader = null;
        Clear();
    }

    /// <summary>Forgets what was read; it is read again from where the queue is.</summary>
    public void Clear() => _page.Clear();

    public async Task<bool> HasNextAsync(CancellationToken stopping) => HasRoom() && (_page.Count > 0 || await ReadPageAsync(stopping));

    public Task<bool> BeginAsync(CancellationToken stopping)
    {
        if (!_page.TryPeek(out var envelope))
            return Task.FromResult(false);
        var isBegun = Begin(envelope);
        _page.Dequeue();
        if (_page.Count == 0)
            endpoint.Advance(queue.Pass(_pageThrough));
        return Task.FromResult(isBegun);
    }

    /// <summary>Waits until what is held is durable: their events take memory until then.</summary>
    public async Task EndHoldsAsync()
    {
        await Task.WhenAll(_holds);
        _holds.Clear();
    }

    public void Dispose() => _reader?.Dispose();

    /// <summary>Whether there is room for another delivery that may fail. Where what it has pending takes more of the logs than its share, it stands still
    /// until some of that is settled.</summary>
    private bool HasRoom()
    {
        _isShort = services.Logs.IsFullFor(endpoint.Id) && queue.Pending > 0;
        return !_isShort && queue.HasRoom;
    }

    /// <returns>Whether it is out, with the slot; false where it is held, or passed over.</returns>
    private bool Begin(Envelope envelope)
    {
        var id = envelope.Position.ToString();
        var chat = Order == WebhookOrder.Chat ? ChatOfEnvelope.Read(new PostedEvent(id, envelope.TypeIndex, envelope.Utf8)) : null;
        var row = new DeliveryRow
        {
            Id = services.Deliveries.NewId(),
            EndpointId = endpoint.Id,
            Sequence = envelope.Position.Sequence,
            EventId = id,
            TypeIndex = envelope.TypeIndex,
            Chat = chat,
        };
        // From here on nothing fails.
        var begun = queue.Begin(row);
        if (begun == Begun.Out)
            attempts.Begin(new Work(row, envelope.Utf8, IsNew: true, IsManual: false));
        else if (begun == Begun.Held)
            _holds.Add(run.HoldAsync(row, envelope.Utf8, attempts.CutOff));
        return begun == Begun.Out;
    }

    /// <returns>Whether there is something to begin.</returns>
    private async Task<bool> ReadPageAsync(CancellationToken stopping)
    {
        while (true)
        {
            var after = queue.ReadThrough;
            var page = await _reader!.ReadAsync(after, services.Endpoints.TypesOf(endpoint), PageLimits, stopping);
            if (page.ReadAfter > after)
            {
                services.Metrics.Gap(page.ReadAfter - after);
                LogGap(services.Logger, endpoint.Name, endpoint.Instance, page.ReadAfter - after);
            }

            foreach (var envelope in page.Envelopes)
                _page.Enqueue(envelope);
            _pageThrough = page.ReadThrough;
            if (_page.Count > 0)
                return true;
            endpoint.Advance(queue.Pass(page.ReadThrough));
            if (page.ReachedEnd)
                return false;
        }
    }

    [LoggerMessage(2432, LogLevel.Warning, "Webhook endpoint {Endpoint} of {InstanceId} missed up to {Events} events that retention removed before they were posted. "
        + "Raise Log:RetentionAge or the byte limits beside it, or see why it is behind: it may be disabled, or have Webhooks:MaxPendingPerEndpoint deliveries pending.")]
    private static partial void LogGap(ILogger logger, string endpoint, InstanceId instanceId, long events);
}
