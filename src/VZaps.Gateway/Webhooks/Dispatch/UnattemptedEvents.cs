using Microsoft.Extensions.Options;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Webhooks;

/// <summary>
/// Begins the delivery of events that an endpoint has passed without one: it took other types then, was skipped to the log's end, or was made later.
/// Thread-safe.
/// </summary>
internal sealed class UnattemptedEvents(
    EndpointDirectory endpoints, Dispatcher dispatcher, DeliveryStore deliveries, Lazy<IEventLog> log, IOptions<WebhookOptions> options, TimeProvider time)
{
    private static readonly LogPageLimits Page = new(MaxEvents: 200, MaxBytes: 4 << 20);
    private static readonly TimeSpan RoomInterval = TimeSpan.FromSeconds(1);

    /// <summary>Begins those that a filter lets through, of all endpoints that it names.</summary>
    /// <returns>How many were begun, and how many not, for their endpoint has too many pending and does not run.</returns>
    public async Task<(long Begun, long Skipped)> BeginAsync(InstanceId instance, LogFilter filter, CancellationToken cancellationToken)
    {
        var (begun, skipped) = (0L, 0L);
        foreach (var endpoint in endpoints.AllOf(instance).Where(endpoint => (filter.Endpoint is null || endpoint.Name == filter.Endpoint) && endpoint.Settings.Url is not null))
        {
            var ofEndpoint = await BeginAsync(endpoint, filter, cancellationToken);
            (begun, skipped) = (begun + ofEndpoint.Begun, skipped + ofEndpoint.Skipped);
        }

        return (begun, skipped);
    }

    private async Task<(long Begun, long Skipped)> BeginAsync(WebhookEndpoint endpoint, LogFilter filter, CancellationToken cancellationToken)
    {
        var (begun, skipped) = (0L, 0L);
        var types = filter.TypeIndex is { } type ? EventTypeSet.Of(EventType.Known[type]) : dispatcher.TypesOf(endpoint);
        // What is behind its position comes to it by itself.
        var (after, end) = (filter.From is { } from ? log.Value.FindSequenceBefore(endpoint.Instance, from) : 0, endpoint.Position);
        if (filter.To is { } to)
            end = Math.Min(end, log.Value.FindSequenceBefore(endpoint.Instance, to));
        if (filter.Sequence is { } sequence)
            (after, end) = (Math.Max(after, sequence - 1), Math.Min(end, sequence));
        while (after < end && !endpoint.IsDeleted)
        {
            var page = await log.Value.ReadAsync(endpoint.Instance, after, types, Page, cancellationToken);
            var through = Math.Min(page.ReadThrough, end);
            var known = await deliveries.SequencesBetweenAsync(endpoint.Id, after, through, cancellationToken);
            foreach (var envelope in page.Envelopes.Where(envelope => envelope.Position.Sequence <= end && !known.Contains(envelope.Position.Sequence)))
            {
                if (await IsRoomAsync(endpoint, cancellationToken))
                {
                    await BeginAsync(endpoint, envelope, cancellationToken);
                    begun++;
                }
                else
                {
                    skipped++;
                }
            }

            after = through;
            if (page.ReachedEnd)
                break;
        }

        return (begun, skipped);
    }

    private async Task BeginAsync(WebhookEndpoint endpoint, Envelope envelope, CancellationToken cancellationToken)
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
        await deliveries.WriteAsync(new DeliveryWrite { Delivery = row, Envelope = envelope.Utf8.ToArray() }, cancellationToken);
        dispatcher.Add(endpoint, row);
    }

    /// <summary>Waits until one more may be pending; false where that will not be by itself.</summary>
    private async Task<bool> IsRoomAsync(WebhookEndpoint endpoint, CancellationToken cancellationToken)
    {
        while (endpoint.Settings.IsRunning && !endpoint.IsDeleted)
        {
            if (dispatcher.PendingOf(endpoint) < options.Value.MaxPendingPerEndpoint)
                return true;
            await Task.Delay(RoomInterval, time, cancellationToken);
        }

        return !endpoint.IsDeleted && await deliveries.CountPendingAsync(endpoint.Id, cancellationToken) < options.Value.MaxPendingPerEndpoint;
    }
}
