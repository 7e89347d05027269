using VZaps.Gateway.Log;

namespace VZaps.Gateway.Webhooks;

/// <summary>One delivery that is out for an attempt.</summary>
/// <param name="Row">As it is before.</param>
/// <param name="Envelope">The event; null where the log has to be asked.</param>
/// <param name="IsNew">Whether there is no row of it yet.</param>
/// <param name="IsManual">Whether somebody asked for it.</param>
internal readonly record struct Work(DeliveryRow Row, ReadOnlyMemory<byte>? Envelope, bool IsNew, bool IsManual);

/// <summary>Makes an endpoint's attempts and keeps what comes of them. Thread-safe.</summary>
internal sealed partial class DeliveryRun(WebhookEndpoint endpoint, EndpointQueue queue, DispatchServices services)
{
    private static readonly TimeSpan WriteAgainAfter = TimeSpan.FromSeconds(1), ReadAgainAfter = TimeSpan.FromMinutes(1);

    /// <summary>Attempts a delivery that was taken out of the queue; whatever happens, it is back or settled when this ends.</summary>
    /// <returns>Whether the endpoint answered; null where it was not asked.</returns>
    public async Task<bool?> RunAsync(Work work, CancellationToken cutOff)
    {
        try
        {
            return await AttemptAsync(work, cutOff);
        }
        catch (OperationCanceledException) when (cutOff.IsCancellationRequested)
        {
            // The gateway ends. Nothing is kept of the attempt, so it is made once more by the next start.
        }
        catch (IOException exception)
        {
            LogUnread(services.Logger, exception, work.Row.EventId, endpoint.Name, endpoint.Instance);
        }

        queue.PutBack(work.Row.Id, services.Time.GetUtcNow() + ReadAgainAfter);
        return null;
    }

    /// <summary>Keeps an event that waits for an earlier one of its chat.</summary>
    public async Task HoldAsync(DeliveryRow row, ReadOnlyMemory<byte> envelope, CancellationToken cutOff)
    {
        var held = DeliveryOutcome.Held(row, services.Time.GetUtcNow() + services.Options.Value.HoldFor);
        await KeepAsync(new DeliveryWrite { Delivery = held, Envelope = envelope, Position = PositionWith(held) }, cutOff);
        endpoint.Advance(queue.EnterPending(held));
        services.Metrics.Held();
    }

    private async Task<bool?> AttemptAsync(Work work, CancellationToken cutOff)
    {
        var (settings, row) = (endpoint.Settings, work.Row);
        if (settings.Url is null)
        {
            // Its URL was taken away in this moment: it waits for another one, and what was asked for by hand is not done.
            var due = services.Time.GetUtcNow().ToUnixTimeMilliseconds();
            await KeepAsync(work, work.IsManual ? row with { IsManual = false } : row with { NextAttemptAtMilliseconds = due }, result: null, cutOff);
            return null;
        }

        var envelope = work.Envelope ?? await FromLogAsync(row);
        if (envelope is null)
        {
            LogLost(services.Logger, row.EventId, endpoint.Name, endpoint.Instance);
            await KeepAsync(work, DeliveryOutcome.Lost(row, services.Time.GetUtcNow()) with { IsManual = false }, result: null, cutOff);
            return null;
        }

        var posted = new PostedEvent(row.EventId, row.TypeIndex, envelope.Value);
        var result = await PostAsync(settings, posted, row.Attempts + 1, cutOff);
        services.Metrics.Attempted(result);
        var now = services.Time.GetUtcNow();
        var after = work.IsManual
            ? DeliveryOutcome.AfterManual(row, result, now)
            : DeliveryOutcome.After(row, result, services.Schedule, endpoint.IsDeleted, now, Random.Shared.NextDouble());
        await KeepAsync(work with { Envelope = envelope }, after, result, cutOff);
        if (work.IsManual)
            return !result.IsTimeout;
        if (work.IsNew && result.IsSuccess && EventPosition.TryParse(row.EventId, out var position))
            services.Metrics.Latency(result.At + result.Duration - position.AppendedAt);
        await services.Health.NoteAsync(endpoint, result);
        return !result.IsTimeout;
    }

    /// <summary>Posts. What must not happen counts as a failure too: the event may not be in the way of those behind it for ever.</summary>
    private async Task<AttemptResult> PostAsync(EndpointSettings settings, PostedEvent posted, int attempt, CancellationToken cutOff)
    {
        try
        {
            return await services.Post.SendAsync(settings, endpoint.Instance, posted, attempt, cutOff);
        }
        catch (Exception exception) when (!cutOff.IsCancellationRequested)
        {
            LogFailed(services.Logger, exception, posted.Id, endpoint.Name, endpoint.Instance);
            return new AttemptResult
            {
                At = services.Time.GetUtcNow(),
                Duration = TimeSpan.Zero,
                Url = settings.Url!,
                RequestHeaders = EndpointSettings.NoHeaders,
                Error = "The gateway failed to make the request; the operator finds the reason in its log.",
            };
        }
    }

    private async Task KeepAsync(Work work, DeliveryRow after, AttemptResult? result, CancellationToken cutOff)
    {
        await KeepAsync(
            new DeliveryWrite
            {
                Delivery = after,
                Attempt = result is null ? null : DeliveryOutcome.Log(after.Id, result, work.IsManual),
                Envelope = work.IsNew ? work.Envelope : null,
                Position = work.IsNew ? PositionWith(after) : null,
                EndsManual = work.IsManual,
            },
            cutOff);
        endpoint.Advance(queue.Kept(work.IsNew ? null : work.Row, after));
        if (after.Status != DeliveryStatus.Pending && (work.IsNew || after.Status != work.Row.Status))
            services.Metrics.Settled(after.Status);
    }

    private EndpointPosition PositionWith(DeliveryRow row) => new(endpoint.Id, queue.PositionWith(row.Sequence));

    /// <summary>Keeps it however long the disk refuses: the endpoint is not called on while nothing can be said of what it took.</summary>
    private async Task KeepAsync(DeliveryWrite write, CancellationToken cutOff)
    {
        while (true)
        {
            cutOff.ThrowIfCancellationRequested();
            try
            {
                await services.Deliveries.WriteAsync(write, CancellationToken.None);
                return;
            }
            catch (Exception exception) when (exception is not ObjectDisposedException)
            {
                LogUnkept(services.Logger, exception, write.Delivery!.EventId, endpoint.Name, endpoint.Instance);
                await Task.Delay(WriteAgainAfter, services.Time, cutOff);
            }
        }
    }

    private async Task<ReadOnlyMemory<byte>?> FromLogAsync(DeliveryRow row)
    {
        if (row.Sequence <= 0)
            return null;
        var found = await services.Log.Value.ReadOneAsync(endpoint.Instance, row.Sequence, CancellationToken.None);
        return found is { } envelope && envelope.Position.ToString() == row.EventId ? envelope.Utf8 : null;
    }

    [LoggerMessage(2421, LogLevel.Error, "What became of event {EventId} at webhook endpoint {Endpoint} of {InstanceId} could not be saved; tried again every second. "
        + "After a crash until then it is posted once more. Look at the disk that holds the data folder.")]
    private static partial void LogUnkept(ILogger logger, Exception exception, string eventId, string endpoint, InstanceId instanceId);

    [LoggerMessage(2424, LogLevel.Error, "Event {EventId} could not be read for webhook endpoint {Endpoint} of {InstanceId}; it is tried again in a minute.")]
    private static partial void LogUnread(ILogger logger, Exception exception, string eventId, string endpoint, InstanceId instanceId);

    [LoggerMessage(2422, LogLevel.Error, "The gateway failed to post event {EventId} to webhook endpoint {Endpoint} of {InstanceId}: a bug. It counts as a failed attempt.")]
    private static partial void LogFailed(ILogger logger, Exception exception, string eventId, string endpoint, InstanceId instanceId);

    [LoggerMessage(2423, LogLevel.Warning, "Event {EventId} was not delivered to webhook endpoint {Endpoint} of {InstanceId}: the log has removed it, and so have the delivery logs. "
        + "Raise Webhooks:LogRetentionBytes.")]
    private static partial void LogLost(ILogger logger, string eventId, string endpoint, InstanceId instanceId);
}
