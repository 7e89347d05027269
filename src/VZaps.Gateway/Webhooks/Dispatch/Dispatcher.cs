using System.Collections.Concurrent;
using VZaps.Gateway.Instances;

namespace VZaps.Gateway.Webhooks;

/// <summary>Runs a loop for each endpoint, from the start to the stop of the gateway, and one timer for what is due in all of them.</summary>
internal sealed partial class Dispatcher(
    EndpointDirectory endpoints, DispatchServices services, Revocations revocations, ILogger<Dispatcher> logger) : IHostedService, IEndpointListener, IRevocationListener, IManualRetries, IDisposable
{
    /// <summary>How late an attempt that is due may be.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>How long attempts may go on when the gateway stops; what is broken off then is posted again after the start.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<long, EndpointLoop> _loops = new();
    private ITimer? _timer;
    private int _isLooking;
    private volatile bool _isStopping;

    /// <summary>The loops now, in no order.</summary>
    public IEnumerable<EndpointLoop> Loops => _loops.Values;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        endpoints.Listener = this;
        await endpoints.LoadAsync(cancellationToken);
        revocations.Add(this);
        foreach (var endpoint in endpoints.All)
            OnChanged(endpoint);
        _timer = services.Time.CreateTimer(_ => Look(), state: null, Interval, Interval);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _isStopping = true;
        _timer?.Dispose();
        await Task.WhenAll(_loops.Values.Select(loop => loop.StopAsync(Grace)));
    }

    public void Dispose()
    {
        _timer?.Dispose();
        foreach (var (_, loop) in _loops)
            loop.Dispose();
    }

    public void OnChanged(WebhookEndpoint endpoint)
    {
        if (_isStopping)
            return;
        if (_loops.TryGetValue(endpoint.Id, out var known))
        {
            known.Wake();
            return;
        }

        // Changes come one after another, so nobody else makes it meanwhile.
        var loop = _loops[endpoint.Id] = new EndpointLoop(endpoint, services);
        loop.Start();
    }

    public void OnDeleted(WebhookEndpoint endpoint)
    {
        if (_loops.TryRemove(endpoint.Id, out var loop))
            _ = EndAsync(loop);
    }

    public void OnRevoked(Revocation revocation)
    {
        if (revocation.Kind == RevocationKind.InstanceDeleted)
            endpoints.ForgetAllOf(revocation.Instance);
    }

    public async Task<bool> AskAsync(long endpointId, long deliveryId, CancellationToken cancellationToken)
    {
        if (!_loops.TryGetValue(endpointId, out var loop) || !await services.Deliveries.MarkManualAsync(endpointId, deliveryId, cancellationToken))
            return false;
        loop.AskManual();
        return true;
    }

    /// <summary>Deliveries of an endpoint that are pending.</summary>
    public int PendingOf(WebhookEndpoint endpoint) => _loops.TryGetValue(endpoint.Id, out var loop) ? loop.Pending : 0;

    /// <summary>The types that an endpoint posts.</summary>
    public EventTypeSet TypesOf(WebhookEndpoint endpoint) => services.Endpoints.TypesOf(endpoint);

    /// <summary>A pending delivery was made for an endpoint, beside what it reads.</summary>
    public void Add(WebhookEndpoint endpoint, DeliveryRow row)
    {
        if (_loops.TryGetValue(endpoint.Id, out var loop))
            loop.Add(row);
    }

    private void Look()
    {
        // A tick that comes while the last one is at it has nothing to add.
        if (Interlocked.Exchange(ref _isLooking, 1) != 0)
            return;
        var now = services.Time.GetUtcNow();
        foreach (var (_, loop) in _loops)
            loop.LookAt(now);
        Volatile.Write(ref _isLooking, 0);
    }

    private async Task EndAsync(EndpointLoop loop)
    {
        try
        {
            await loop.StopAsync(services.Options.Value.Timeout + Grace);
            loop.Dispose();
        }
        catch (Exception exception)
        {
            LogNotEnded(logger, exception, loop.Endpoint.Name, loop.Endpoint.Instance);
        }
    }

    [LoggerMessage(2433, LogLevel.Error, "The loop of the deleted webhook endpoint {Endpoint} of {InstanceId} did not end as it should.")]
    private static partial void LogNotEnded(ILogger logger, Exception exception, string endpoint, InstanceId instanceId);
}
