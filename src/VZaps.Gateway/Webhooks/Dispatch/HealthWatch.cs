using Microsoft.Extensions.Options;

namespace VZaps.Gateway.Webhooks;

/// <summary>Draws the consequences of attempts for their endpoint: says when one fails for long, and gives it up. Thread-safe.</summary>
internal sealed partial class HealthWatch(
    EndpointDirectory endpoints, IOptions<WebhookOptions> options, WebhookMetrics metrics, TimeProvider time, ILogger<HealthWatch> logger)
{
    /// <summary>Takes note of an attempt of the schedule.</summary>
    public async Task NoteAsync(WebhookEndpoint endpoint, AttemptResult result)
    {
        var now = time.GetUtcNow();
        if (result.IsSuccess)
        {
            endpoint.NoteSuccess(now);
            return;
        }

        var since = endpoint.NoteFailure(now);
        // Whoever was called at an address that is not set any more says nothing of the one that is.
        if (endpoint.IsDeleted || endpoint.Settings.Url != result.Url)
            return;
        if (result.IsGone)
            await DisableAsync(endpoint, DisabledReasons.Gone, "it answered 410");
        else if (now - since >= options.Value.DisableAfter)
            await DisableAsync(endpoint, DisabledReasons.Failing, $"it took no event since {Rfc3339.ToText(since)} (Webhooks:DisableAfter)");
        else if (now - since >= options.Value.WarnAfter && endpoint.TakeWarning())
            LogFailing(logger, endpoint.Name, endpoint.Instance, since, since + options.Value.DisableAfter);
    }

    private async Task DisableAsync(WebhookEndpoint endpoint, string reason, string why)
    {
        try
        {
            if (!await endpoints.DisableAsync(endpoint, reason, CancellationToken.None))
                return;
            metrics.Disabled(reason);
            LogDisabled(logger, endpoint.Name, endpoint.Instance, why);
        }
        catch (Exception exception)
        {
            // The next failure tries it again.
            LogNotDisabled(logger, exception, endpoint.Name, endpoint.Instance);
        }
    }

    [LoggerMessage(2411, LogLevel.Warning, "Webhook endpoint {Endpoint} of {InstanceId} has taken no event since {Since}; unless it does, it is disabled at {DisablesAt}. "
        + "See its failed attempts: POST /instances/{{id}}/webhook/logs/search.")]
    private static partial void LogFailing(ILogger logger, string endpoint, InstanceId instanceId, DateTimeOffset since, DateTimeOffset disablesAt);

    [LoggerMessage(2412, LogLevel.Warning, "Webhook endpoint {Endpoint} of {InstanceId} was disabled: {Why}. Its events wait in the log: set \"enabled\": true to have them delivered.")]
    private static partial void LogDisabled(ILogger logger, string endpoint, InstanceId instanceId, string why);

    [LoggerMessage(2413, LogLevel.Error, "Webhook endpoint {Endpoint} of {InstanceId} should be disabled, and that could not be saved. Look at the disk that holds the data folder.")]
    private static partial void LogNotDisabled(ILogger logger, Exception exception, string endpoint, InstanceId instanceId);
}
