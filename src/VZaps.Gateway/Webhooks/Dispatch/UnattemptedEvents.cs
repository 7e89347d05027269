using Microsoft.Extensions.Options;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Webhooks;

/// <summary>How far a job is in the log of each endpoint, by its id. It is not kept: after a restart, what was begun is found to have a delivery.</summary>
internal sealed class UnattemptedProgress
{
    public Dictionary<long, long> After { get; } = [];
}

/// <summary>What was begun at one go.</summary>
/// <param name="Begun">How many.</param>
/// <param name="Skipped">How many not, for their endpoint has too many pending and does not run.</param>
/// <param name="IsFull">Whether others wait for room at their endpoint: go on in a while.</param>
internal readonly record struct UnattemptedStep(long Begun, long Skipped, bool IsFull)
{
    public static UnattemptedStep operator +(UnattemptedStep one, UnattemptedStep other) =>
        new(one.Begun + other.Begun, one.Skipped + other.Skipped, one.IsFull || other.IsFull);
}

/// <summary>
/// Begins the delivery of events that an endpoint has passed without one: it took other types then, was skipped to the log's end, or was made later.
/// Thread-safe.
/// </summary>
internal sealed class UnattemptedEvents(
    EndpointDirectory endpoints, Dispatcher dispatcher, DeliveryStore deliveries, Lazy<IEventLog> log, IOptions<WebhookOptions> options, TimeProvider time)
{
    private static readonly LogPageLimits Page = new(MaxEvents: 200, MaxBytes: 4 << 20);

    /// <summary>Begins those that a filter lets through, of all endpoints that it names, as far as these have room.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="filter">Which.</param>
    /// <param name="progress">Where to begin; it is brought forward.</param>
    /// <param name="cancellationToken">Ends it between two events.</param>
    public async Task<UnattemptedStep> BeginAsync(InstanceId instance, LogFilter filter, UnattemptedProgress progress, CancellationToken cancellationToken)
    {
        var step = default(UnattemptedStep);
        foreach (var endpoint in endpoints.AllOf(instance).Where(endpoint => (filter.Endpoint is null || endpoint.Name == filter.Endpoint) && endpoint.Settings.Url is not null))
            step += await BeginAsync(endpoint, filter, progress, cancellationToken);
        return step;
    }

    private async Task<UnattemptedStep> BeginAsync(WebhookEndpoint endpoint, LogFilter filter, UnattemptedProgress progress, CancellationToken cancellationToken)
    {
        var step = default(UnattemptedStep);
        var types = filter.TypeIndex is { } type ? EventTypeSet.Of(EventType.Known[type]) : dispatcher.TypesOf(endpoint);
        var (after, end) = RangeOf(endpoint, filter);
        after = Math.Max(after, progress.After.GetValueOrDefault(endpoint.Id));
        while (after < end && !endpoint.IsDeleted)
        {
            var page = await log.Value.ReadAsync(endpoint.Instance, after, types, Page, cancellationToken);
            var through = Math.Min(page.ReadThrough, end);
            var known = await deliveries.SequencesBetweenAsync(endpoint.Id, after, through, cancellationToken);
            foreach (var envelope in page.Envelopes.Where(envelope => envelope.Position.Sequence <= end && !known.Contains(envelope.Position.Sequence)))
            {
                var one = await TryBeginAsync(endpoint, envelope, cancellationToken);
                step += one;
                if (one.IsFull)
                    return step;
                progress.After[endpoint.Id] = envelope.Position.Sequence;
            }

            progress.After[endpoint.Id] = after = through;
            if (page.ReachedEnd)
                break;
        }

        return step;
    }

    /// <summary>Where what the filter lets through is; what is behind the endpoint's position comes to it by itself.</summary>
    private (long After, long End) RangeOf(WebhookEndpoint endpoint, LogFilter filter)
    {
        var (after, end) = (filter.From is { } from ? log.Value.FindSequenceBefore(endpoint.Instance, from) : 0, endpoint.Position);
        if (filter.To is { } to)
            end = Math.Min(end, log.Value.FindSequenceBefore(endpoint.Instance, to));
        return filter.Sequence is { } sequence ? (Math.Max(after, sequence - 1), Math.Min(end, sequence)) : (after, end);
    }

    private async Task<UnattemptedStep> TryBeginAsync(WebhookEndpoint endpoint, Envelope envelope, CancellationToken cancellationToken)
    {
        var isRunning = endpoint.Settings.IsRunning;
        if (isRunning && dispatcher.PendingOf(endpoint) >= options.Value.MaxPendingPerEndpoint)
            return new UnattemptedStep(Begun: 0, Skipped: 0, IsFull: true);
        // There will be no room by itself.
        if (!isRunning && await deliveries.CountPendingAsync(endpoint.Id, cancellationToken) >= options.Value.MaxPendingPerEndpoint)
            return new UnattemptedStep(Begun: 0, Skipped: 1, IsFull: false);
        return new UnattemptedStep(Begun: await BeginAsync(endpoint, envelope, cancellationToken) ? 1 : 0, Skipped: 0, IsFull: false);
    }

    /// <returns>False where it has a delivery by now.</returns>
    private async Task<bool> BeginAsync(WebhookEndpoint endpoint, Envelope envelope, CancellationToken cancellationToken)
    {
        var row = new DeliveryRow
        {
            Id = deliveries.NewId(),
            EndpointId = endpoint.Id,
            Sequence = envelope.Position.Sequence,
            EventId = envelope.Position.ToString(),
            TypeIndex = envelope.TypeIndex,
            NextAttemptAtMilliseconds = time.GetUtcNow().ToUnixTimeMilliseconds(),
            // A disabled endpoint attempts only what is asked for by hand.
            IsManual = !endpoint.Settings.IsEnabled,
        };
        if (!await deliveries.WriteAsync(new DeliveryWrite { Delivery = row, Envelope = envelope.Utf8.ToArray() }, cancellationToken))
            return false;
        dispatcher.Add(endpoint, row);
        // Its loop may have ended, and what it had pending may have been cancelled, before this was written.
        if (endpoint.IsDeleted)
            await deliveries.CancelPendingAsync(endpoint.Id, CancellationToken.None);
        return true;
    }
}
