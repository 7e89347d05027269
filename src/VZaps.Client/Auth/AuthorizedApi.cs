using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using VZaps.Client.Configuration;
using VZaps.Client.Http;

namespace VZaps.Client.Auth;

/// <summary>Calls with credentials: a 401 to the account's token renews it once, and answers are unwrapped.</summary>
internal sealed class AuthorizedApi(ClientSettings settings, ApiTransport transport, TokenSource tokens)
{
    private readonly CallRetry _retry = new(settings.MaxCallRetries, Random.Shared);

    /// <summary>The typed answer, whether it comes bare or as <c>{"code","success":true,"data"}</c>.</summary>
    public async Task<T> SendAsync<T>(ApiCall call, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        return Read(call, await SendAsync(call, cancellationToken).ConfigureAwait(false), type)
            ?? throw new VZapsApiException($"{call.Name} at {settings.Api} gave an answer of another form than agreed.") { StatusCode = 200 };
    }

    /// <summary>The typed answer as <see cref="SendAsync{T}"/> gives it; the default value for an empty one.</summary>
    public T? Read<T>(ApiCall call, byte[] body, JsonTypeInfo<T> type)
    {
        if (body.Length == 0)
            return default;
        try
        {
            using var json = JsonDocument.Parse(body);
            return Unwrap(json.RootElement).Deserialize(type);
        }
        catch (JsonException unreadable)
        {
            throw new VZapsApiException($"{call.Name} at {settings.Api} gave an answer of another form than agreed.", unreadable) { StatusCode = 200 };
        }
    }

    /// <summary>The answer's bytes as they came.</summary>
    public async Task<byte[]> SendAsync(ApiCall call, CancellationToken cancellationToken)
    {
        if (call.InstanceToken is not null)
            return Accept(call, await SendWithRetriesAsync(call, null, cancellationToken).ConfigureAwait(false), null);
        var token = await tokens.GetAsync(cancellationToken).ConfigureAwait(false);
        var answer = await SendWithRetriesAsync(call, token, cancellationToken).ConfigureAwait(false);
        if (answer.Refusal?.Status == 401)
        {
            // Also where this call cannot use it: the next one does.
            token = await tokens.RenewAsync(token, cancellationToken).ConfigureAwait(false);
            if (call.CanBeSentAgain)
                answer = await SendWithRetriesAsync(call, token, cancellationToken).ConfigureAwait(false);
        }

        return Accept(call, answer, token);
    }

    private async Task<ApiAnswer> SendWithRetriesAsync(ApiCall call, AccessToken? token, CancellationToken cancellationToken)
    {
        for (var retries = 0; ; retries++)
        {
            TimeSpan? wait;
            try
            {
                var answer = await SendOnceAsync(call, token, cancellationToken).ConfigureAwait(false);
                wait = answer.Refusal is { } refusal ? _retry.NextDelay(call, retries, refusal) : null;
                if (wait is null)
                    return answer;
            }
            catch (VZapsException notReached) when (notReached is not VZapsTimeoutException)
            {
                // A time-out has used the time that the caller allows already.
                wait = _retry.NextDelay(call, retries, null);
                if (wait is null)
                    throw;
            }

            await Task.Delay(wait.Value, settings.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<ApiAnswer> SendOnceAsync(ApiCall call, AccessToken? token, CancellationToken cancellationToken)
    {
        using var request = call.ToRequest(settings.Api.Of(call.Route));
        request.Headers.Add("X-Client-Token", settings.ClientToken);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Value);
        if (call.InstanceToken is not null)
            request.Headers.Add("X-Instance-Token", call.InstanceToken);
        return await transport.SendAsync(request, call.Name, cancellationToken).ConfigureAwait(false);
    }

    private byte[] Accept(ApiCall call, ApiAnswer answer, AccessToken? token) => answer.Refusal is { } refusal
        ? throw ApiErrors.From(refusal, call.Name, settings.ClientSecret, token?.Value, call.InstanceToken)
        : answer.Body;

    private static JsonElement Unwrap(JsonElement answer) =>
        answer.ValueKind == JsonValueKind.Object
        && answer.TryGetProperty("success", out var success) && success.ValueKind == JsonValueKind.True
        && answer.TryGetProperty("data", out var data)
            ? data
            : answer;
}
