using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using VZaps.Client.Auth;
using VZaps.Client.Http;
using VZaps.Client.Webhooks;

namespace VZaps;

/// <summary>An instance's webhooks, and the logs of what was posted to it.</summary>
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

    /// <summary>
    /// All logs that a search finds, newest first, fetched a page at a time as they are read: from one to the next by the server's cursor, so that pages cost the same however many there are, or by number
    /// where it gives none and its totals say that there are more.
    /// </summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="search">Which; <see cref="WebhookLogSearch.Size"/> is the size of a page, and <see cref="WebhookLogSearch.Page"/> is not looked at.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The logs; none of two pages that follow one another comes twice.</returns>
    /// <exception cref="VZapsApiException">The server refused a page, or does not come to an end: it gave a cursor or a page a second time. While enumerating, after what was read until then.</exception>
    public IAsyncEnumerable<WebhookLog> SearchAllLogsAsync(string instanceId, WebhookLogSearch search, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        ArgumentNullException.ThrowIfNull(search);
        return ReadAllLogsAsync(instanceId, search, cancellationToken);
    }

    /// <summary>Delivers again all that a search finds, in the background; the job says how far it has come.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="filter">Which: one of status, HTTP status, event and <see cref="WebhookLogSearch.From"/> has to be given; its page is not looked at. Without a status, events that were never attempted are delivered, too.</param>
    /// <param name="cancellationToken">Ends the wait; the job goes on.</param>
    public Task<WebhookRetryJob> RetryAllAsync(string instanceId, WebhookLogSearch filter, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return PostAsync(Route(instanceId) + "/logs/retry", filter, ClientJson.Default.WebhookLogSearch, ClientJson.Default.WebhookRetryJob, isRead: false, cancellationToken);
    }

    /// <summary>How far a retry of many has come.</summary>
    public Task<WebhookRetryJob> GetRetryJobAsync(string instanceId, string jobId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(jobId);
        return _api.SendAsync(
            new ApiCall(HttpMethod.Get, $"{Route(instanceId)}/jobs/{Uri.EscapeDataString(jobId)}", null), ClientJson.Default.WebhookRetryJob, cancellationToken);
    }

    /// <summary>All endpoints of an instance, by name.</summary>
    public async Task<IReadOnlyList<WebhookEndpoint>> ListEndpointsAsync(string instanceId, CancellationToken cancellationToken = default) =>
        await _api.SendAsync(new ApiCall(HttpMethod.Get, Route(instanceId) + "s", null), ClientJson.Default.ListWebhookEndpoint, cancellationToken).ConfigureAwait(false);

    /// <summary>One endpoint.</summary>
    public Task<WebhookEndpoint> GetEndpointAsync(string instanceId, string name, CancellationToken cancellationToken = default) =>
        _api.SendAsync(new ApiCall(HttpMethod.Get, EndpointRoute(instanceId, name), null), ClientJson.Default.WebhookEndpoint, cancellationToken);

    /// <summary>Sets an endpoint, and makes it where there is none: a new one begins at the log's end, a changed one goes on where it stood.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="name">1 to 64 of <c>a-z0-9._-</c>, the first a letter or digit.</param>
    /// <param name="request">What is to be changed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its new state, with its secret.</returns>
    public Task<WebhookEndpoint> SetEndpointAsync(string instanceId, string name, SetWebhookEndpointRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return PostAsync(
            EndpointRoute(instanceId, name), request, ClientJson.Default.SetWebhookEndpointRequest, ClientJson.Default.WebhookEndpoint, isRead: false, cancellationToken);
    }

    /// <summary>Deletes an endpoint. What it has pending is cancelled; its logs stay.</summary>
    public Task DeleteEndpointAsync(string instanceId, string name, CancellationToken cancellationToken = default) =>
        _api.SendAsync(new ApiCall(HttpMethod.Delete, EndpointRoute(instanceId, name), null), cancellationToken);

    /// <summary>Gives an endpoint a new secret. Posts are signed with both for 24 h: give the receiver both until then.</summary>
    /// <returns>The endpoint with its new secret.</returns>
    public Task<WebhookEndpoint> RotateSecretAsync(string instanceId, string name, CancellationToken cancellationToken = default) =>
        _api.SendAsync(new ApiCall(HttpMethod.Post, EndpointRoute(instanceId, name) + "/secret/rotate", null), ClientJson.Default.WebhookEndpoint, cancellationToken);

    /// <summary>Posts a made-up event to an endpoint at once, and says how that went. It is in no log, and does not change the endpoint's state.</summary>
    public Task<WebhookTest> SendTestAsync(string instanceId, string name, CancellationToken cancellationToken = default) =>
        _api.SendAsync(new ApiCall(HttpMethod.Post, EndpointRoute(instanceId, name) + "/test", null), ClientJson.Default.WebhookTest, cancellationToken);

    /// <summary>What became of an event at every webhook and every consumer of its instance: delivered, pending, filtered, dead, or not read yet.</summary>
    public Task<EventDeliveries> GetDeliveriesAsync(string instanceId, string eventId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        ArgumentException.ThrowIfNullOrEmpty(eventId);
        var route = $"/instances/{Uri.EscapeDataString(instanceId)}/events/{Uri.EscapeDataString(eventId)}/deliveries";
        return _api.SendAsync(new ApiCall(HttpMethod.Get, route, null), ClientJson.Default.EventDeliveries, cancellationToken);
    }

    /// <summary>Each enumeration begins anew.</summary>
    private async IAsyncEnumerable<WebhookLog> ReadAllLogsAsync(string instanceId, WebhookLogSearch search, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var all = new AllLogs((next, token) => SearchLogsAsync(instanceId, next, token));
        await foreach (var log in all.ReadAsync(search, cancellationToken).ConfigureAwait(false))
            yield return log;
    }

    private static string EndpointRoute(string instanceId, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return $"{Route(instanceId)}s/{Uri.EscapeDataString(name)}";
    }

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
