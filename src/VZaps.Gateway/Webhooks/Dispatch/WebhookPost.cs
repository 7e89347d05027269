using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;
using VZaps.Gateway.Outbound;

namespace VZaps.Gateway.Webhooks;

/// <summary>Posts an event to an endpoint, once. Thread-safe.</summary>
internal sealed class WebhookPost(IHttpClientFactory clients, IOptions<WebhookOptions> options, TimeProvider time)
{
    /// <summary>The name of the <see cref="HttpClient"/>.</summary>
    public const string ClientName = "webhooks";

    private const int MaxResponseBytes = 4_096;
    private const string NoSecret = "Nothing was posted: the endpoint's secret cannot be read. The operator finds the reason in the gateway's log; rotating the secret gives it a new one.";

    /// <summary>Posts; every failure is a result.</summary>
    /// <param name="settings">The endpoint.</param>
    /// <param name="instance">Whose event it is.</param>
    /// <param name="posted">The event.</param>
    /// <param name="attempt">From 1.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <param name="more">Headers beside the contract's.</param>
    /// <exception cref="OperationCanceledException">It was broken off: whether the endpoint took it is not known.</exception>
    public async Task<AttemptResult> SendAsync(
        EndpointSettings settings, InstanceId instance, PostedEvent posted, int attempt, CancellationToken cancellationToken, params (string Name, string Value)[] more)
    {
        var (at, began) = (time.GetUtcNow(), time.GetTimestamp());
        if (!settings.Secret.IsReadable)
            return new AttemptResult { At = at, Duration = TimeSpan.Zero, Url = settings.Url!, RequestHeaders = EndpointSettings.NoHeaders, Error = NoSecret };
        using var request = Request(settings, instance, posted, attempt, at, more);
        var result = new AttemptResult { At = at, Duration = TimeSpan.Zero, Url = settings.Url!, RequestHeaders = Shown(request, settings.Headers) };
        using var limit = new CancellationTokenSource(options.Value.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var client = clients.CreateClient(ClientName);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            result = result with
            {
                HttpStatus = (int)response.StatusCode,
                RetryAfter = RetryAfter.Of(response, time.GetUtcNow()),
                Error = ErrorOf((int)response.StatusCode),
                // The status decides; what is said behind it is read for the log, for as long as there is time.
                Response = await ReadStartAsync(response.Content, either.Token),
            };
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            result = limit.IsCancellationRequested
                ? result with { IsTimeout = true, Error = $"No answer within {options.Value.Timeout.TotalSeconds:0.###} s." }
                // The handler's own limit for the connection is shorter.
                : result with { IsTimeout = exception is OperationCanceledException or { InnerException: TimeoutException }, Error = ErrorOf(exception) };
        }

        return result with { Duration = time.GetElapsedTime(began) };
    }

    private static HttpRequestMessage Request(
        EndpointSettings settings, InstanceId instance, PostedEvent posted, int attempt, DateTimeOffset now, (string Name, string Value)[] more)
    {
        var body = posted.Body(settings.Body);
        var timestamp = now.ToUnixTimeSeconds();
        var request = new HttpRequestMessage(HttpMethod.Post, settings.Url) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        Add("User-Agent", "VZaps-Webhooks/1");
        foreach (var (name, value) in settings.Headers)
        {
            request.Headers.Remove(name);
            Add(name, value);
        }

        Add("webhook-id", posted.Id);
        Add("webhook-timestamp", timestamp.ToString());
        Add("webhook-signature", WebhookSignature.Of(settings.KeysAt(now), posted.Id, timestamp, body.Span));
        Add("vzaps-instance-id", instance.Value);
        Add("vzaps-event-type", posted.Type.Name);
        Add("vzaps-created-at", posted.CreatedAt);
        Add("vzaps-attempt", attempt.ToString());
        foreach (var (name, value) in more)
            Add(name, value);
        return request;

        void Add(string name, string value) => request.Headers.TryAddWithoutValidation(name, value);
    }

    /// <summary>What is sent, as the log shows it.</summary>
    private static Dictionary<string, string> Shown(HttpRequestMessage request, IReadOnlyDictionary<string, string> users)
    {
        var headers = request.Headers.NonValidated.ToDictionary(
            header => header.Key,
            header => users.ContainsKey(header.Key) ? EndpointHeaders.Redacted : header.Value.ToString(),
            StringComparer.OrdinalIgnoreCase);
        headers["Content-Type"] = "application/json";
        return headers;
    }

    private static async Task<string?> ReadStartAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var (buffer, length) = (new byte[MaxResponseBytes], 0);
        try
        {
            await using var body = await content.ReadAsStreamAsync(cancellationToken);
            while (length < buffer.Length && await body.ReadAsync(buffer.AsMemory(length), cancellationToken) is var read and > 0)
                length += read;
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException)
        {
            // What has come by then is enough for the log.
        }

        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    private static string? ErrorOf(int status) => status switch
    {
        >= 200 and < 300 => null,
        >= 300 and < 400 => $"The endpoint answered {status}, a redirect; those are not followed. Set the URL that it leads to.",
        StatusCodes.Status410Gone => "The endpoint answered 410: it is gone. Answered to an attempt of the schedule, that disables it.",
        _ => $"The endpoint answered {status}.",
    };

    /// <summary>Why there was no answer, in words for the endpoint's owner: nothing of the gateway's own network is in them.</summary>
    private static string ErrorOf(Exception exception)
    {
        if (OutboundRefusedException.In(exception) is { } refused)
            return refused.Message;
        return exception switch
        {
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } or HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } } =>
                "The host's name could not be resolved.",
            HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } => "The connection was refused.",
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: { } inner } => $"TLS failed: {inner.Message}",
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "The connection could not be made.",
            HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } => "The connection was closed without an answer.",
            HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => "The answer's headers are too large.",
            HttpRequestException or IOException => "The connection broke, or what came was no HTTP.",
            OperationCanceledException => "The connection could not be made in time.",
            _ => "The request could not be sent.",
        };
    }
}
