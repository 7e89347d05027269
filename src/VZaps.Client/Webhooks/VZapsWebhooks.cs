using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using VZaps.Client.Auth;
using VZaps.Client.Http;

namespace VZaps;

/// <summary>An instance's webhook, and the logs of what was posted to it.</summary>
/// <remarks>
/// Thread-safe. Every call throws <see cref="VZapsAuthenticationException"/> where the credentials are refused,
/// <see cref="VZapsRateLimitException"/> on 429, <see cref="VZapsTimeoutException"/> where no answer came in time,
/// <see cref="VZapsApiException"/> on any other refusal, and <see cref="VZapsException"/> where the server was not reached. Cancelling
/// ends the wait; the server may have done what was asked.
/// </remarks>
public sealed class VZapsWebhooks
{
    private readonly AuthorizedApi _api;

    internal VZapsWebhooks(AuthorizedApi api) => _api = api;

    /// <summary>The webhook as it is set.</summary>
    public Task<VZapsWebhook> GetAsync(string instanceId, CancellationToken cancellationToken = default) =>
        _api.SendAsync(new ApiCall(HttpMethod.Get, Route(instanceId), null), ClientJson.Default.VZapsWebhook, cancellationToken);

    /// <summary>Sets the webhook and gives its new state. What is posted from then on begins where it stood, or at the log's end where there was none.</summary>
    public Task<VZapsWebhook> SetAsync(string instanceId, SetWebhookRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return PostAsync(Route(instanceId), request, ClientJson.Default.SetWebhookRequest, ClientJson.Default.VZapsWebhook, isRead: false, cancellationToken);
    }

    /// <summary>One page of delivery logs.</summary>
    public Task<WebhookLogPage> SearchLogsAsync(string instanceId, WebhookLogSearch search, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(search);
        return PostAsync(Route(instanceId) + "/logs/search", search, ClientJson.Default.WebhookLogSearch, ClientJson.Default.WebhookLogPage, isRead: true, cancellationToken);
    }

    /// <summary>One delivery log with all its attempts.</summary>
    public Task<WebhookLog> GetLogAsync(string instanceId, string logId, CancellationToken cancellationToken = default) =>
        _api.SendAsync(new ApiCall(HttpMethod.Get, LogRoute(instanceId, logId), null), ClientJson.Default.WebhookLog, cancellationToken);

    /// <summary>Delivers the event of a log once more, whatever became of it, and gives the log's new state.</summary>
    public Task<WebhookLog> RetryAsync(string instanceId, string logId, CancellationToken cancellationToken = default) =>
        _api.SendAsync(new ApiCall(HttpMethod.Post, LogRoute(instanceId, logId) + "/retry", null), ClientJson.Default.WebhookLog, cancellationToken);

    private static string Route(string instanceId)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        return $"/instances/{Uri.EscapeDataString(instanceId)}/webhook";
    }

    private static string LogRoute(string instanceId, string logId)
    {
        ArgumentException.ThrowIfNullOrEmpty(logId);
        return $"{Route(instanceId)}/logs/{Uri.EscapeDataString(logId)}";
    }

    private Task<TAnswer> PostAsync<TRequest, TAnswer>(
        string route, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TAnswer> answerType, bool isRead, CancellationToken cancellationToken)
        where TAnswer : class =>
        _api.SendAsync(new ApiCall(HttpMethod.Post, route, JsonSerializer.SerializeToUtf8Bytes(request, requestType)) { IsRead = isRead }, answerType, cancellationToken);
}
