using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using VZaps.Cli.Profiles;

namespace VZaps.Cli.Gateways;

/// <summary>
/// Calls to one instance's routes, with its token where the profile has one and else as the account. What goes wrong is
/// a <see cref="VZapsException"/>, as it is from the SDK.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class InstanceApi : IAsyncDisposable
{
    /// <summary>How deep an answer may nest: an event may be 64 deep, and answers wrap it.</summary>
    public const int MaxDepth = 128;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>How long <see cref="SendAsync"/> may take: the call, and before it one for the access token, for which the SDK allows its own time.</summary>
    public static readonly TimeSpan LongestCall = Patience + new VZapsClientOptions().RequestTimeout;

    private readonly Access _access;
    private readonly Uri _instance;
    private readonly string _clientToken;
    private readonly string? _instanceToken;
    private readonly VZapsClient? _account;
    private readonly HttpClient _http;
    private readonly TimeSpan _timeout;

    /// <summary>Nothing is sent yet.</summary>
    /// <param name="access">Which instance.</param>
    /// <param name="timeout">How long a call may take; null for 30 s.</param>
    /// <exception cref="MisuseException">A value that is needed is missing.</exception>
    public InstanceApi(Access access, TimeSpan? timeout = null)
    {
        _access = access;
        _timeout = timeout ?? Patience;
        _instance = new Uri($"{access.BaseUrl.GetLeftPart(UriPartial.Path).TrimEnd('/')}/instances/{Uri.EscapeDataString(access.InstanceId)}/");
        _clientToken = access.ClientToken;
        if (access.HasInstanceToken || !access.HasClientSecret)
            _instanceToken = access.InstanceToken;
        else
            _account = access.CreateClient();
        // A redirect would carry the credentials to wherever it points.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Sends one call and gives the <c>data</c> of its answer.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="route">Below the instance's, escaped, without a slash in front.</param>
    /// <param name="body">What to send; null for nothing.</param>
    /// <param name="type">What the answer's data is.</param>
    /// <param name="cancellationToken">Ends the wait; the gateway may have done what was asked.</param>
    /// <exception cref="VZapsApiException">It was refused.</exception>
    /// <exception cref="NotSentException">There was no access token to send it with.</exception>
    /// <exception cref="VZapsException">It had no answer; the type and the inner exception say why.</exception>
    public async Task<T> SendAsync<T>(HttpMethod method, string route, ApiBody? body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var token = await AccessTokenAsync(cancellationToken);
        using var request = new HttpRequestMessage(method, new Uri(_instance, route));
        request.Headers.Add("X-Client-Token", _clientToken);
        if (_instanceToken is not null)
            request.Headers.Add("X-Instance-Token", _instanceToken);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is { } given)
        {
            request.Content = new ReadOnlyMemoryContent(given.Bytes);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(given.MediaType);
        }

        var name = $"{method} {new Uri(_instance, route).AbsolutePath}";
        var answer = await ExchangeAsync(request, name, token, cancellationToken);
        try
        {
            using var json = JsonDocument.Parse(answer, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return json.RootElement.GetProperty("data").Deserialize(type) ?? throw new JsonException();
        }
        catch (Exception unreadable) when (unreadable is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new VZapsApiException($"{name} gave an answer of another form than agreed. Is {_access.BaseUrl.Authority} a VZaps gateway of this version?", unreadable) { StatusCode = 200 };
        }
    }

    private async Task<string?> AccessTokenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return _account is null ? null : await _account.Auth.GetAccessTokenAsync(cancellationToken);
        }
        catch (VZapsException failure) when (failure is not VZapsAuthenticationException)
        {
            throw new NotSentException(failure);
        }
    }

    private async Task<byte[]> ExchangeAsync(HttpRequestMessage request, string name, string? token, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_timeout);
        try
        {
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, timeout.Token);
            var body = await answer.Content.ReadAsByteArrayAsync(timeout.Token);
            return answer.IsSuccessStatusCode ? body : throw ApiRefusal.Of(answer, body, name, [_instanceToken, token, _clientToken]);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VZapsTimeoutException($"{name} had no answer within {_timeout.TotalSeconds:0.#} s.", late);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            throw new VZapsException($"{name} did not reach {_access.BaseUrl.GetLeftPart(UriPartial.Authority)}: {failure.Message.TrimEnd('.')}.", failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_account is not null)
            await _account.DisposeAsync();
    }
}

/// <summary>The body of a call.</summary>
internal readonly record struct ApiBody(ReadOnlyMemory<byte> Bytes, string MediaType)
{
    public static ApiBody Json<T>(T value, JsonTypeInfo<T> type) => new(JsonSerializer.SerializeToUtf8Bytes(value, type), "application/json");

    public static ApiBody Lines(ReadOnlyMemory<byte> lines) => new(lines, "application/x-ndjson");
}
