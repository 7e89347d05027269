using Microsoft.Extensions.Options;

namespace VZaps.Gateway.Webhooks;

/// <summary>Draws the consequences of attempts for their endpoint: says when one fails for long, and gives it up. Thread-safe.</summary>
internal sealed partial class HealthWatch(
    EndpointDirectory endpoints, IOptions<WebhookOptions> options, WebhookMetrics metrics, TimeProvider time, ILogger<HealthWatch> logger)
{
    // Twice the longest wait between two attempts: while anything is pending, failures are no further apart.
    private readonly TimeSpan _quiet = options.Value.RetrySchedule.Max() * 2;

    /// <summary>Takes note of an attempt of the schedule.</summary>
    public async Task NoteAsync(WebhookEndpoint endpoint, AttemptResult result)
    {
        var now = time.GetUtcNow();
        if (result.IsSuccess)
        {
            endpoint.NoteSuccess(now);
            return;
        }

        // Whoever was called at an address that is not set any more says nothing of the one that is.
        if (endpoint.IsDeleted || endpoint.Settings.Url != result.Url || endpoint.NoteFailure(result.At, now) is not { } failure)
            return;
        if (result.IsGone)
            await DisableAsync(endpoint, DisabledReasons.Gone, "it answered 410");
        else if (now - failure.Since >= options.Value.DisableAfter && WasTried(failure, now))
            await DisableAsync(endpoint, DisabledReasons.Failing, $"it took no event since {Rfc3339.ToText(failure.Since)} (Webhooks:DisableAfter)");
        else
            Warn(endpoint, now);
    }

    /// <summary>Says it when an endpoint has failed for long, whether or not there is anything to post: the notice comes before the end.</summary>
    public void Warn(WebhookEndpoint endpoint, DateTimeOffset now)
    {
        if (endpoint.Settings.IsRunning && endpoint.Health.FailingSince is { } since && now - since >= options.Value.WarnAfter && endpoint.TakeWarning())
            LogFailing(logger, endpoint.Name, endpoint.Instance, since, since + options.Value.DisableAfter);
    }

    /// <summary>Whether it failed again and again up to now. One that failed days ago and had nothing to take since may be well: its next failure decides.</summary>
    private bool WasTried(EndpointFailure failure, DateTimeOffset now) => failure.Before is { } before && now - before <= _quiet;

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
