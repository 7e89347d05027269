using System.Net.Http.Headers;
using System.Net.WebSockets;
using VZaps.Client.Auth;
using VZaps.Client.Configuration;
using VZaps.Client.Http;

namespace VZaps.Client.Realtime;

/// <summary>Makes connections: credentials in headers, a token that is fresh, and a renewed one if the first is refused.</summary>
internal sealed class RealtimeConnector(ClientSettings settings, HttpMessageHandler handler, TokenSource tokens)
{
    private const int Unauthorized = 401;

    /// <summary>One open connection.</summary>
    /// <param name="target">What to read.</param>
    /// <param name="cursor">Resume after this event; null for where the consumer stands.</param>
    /// <param name="cancellationToken">Gives the attempt up.</param>
    /// <exception cref="VZapsException">It could not be made; <see cref="RetryTable"/> knows whether to try again.</exception>
    public async Task<RealtimeConnection> ConnectAsync(SubscriptionTarget target, string? cursor, CancellationToken cancellationToken)
    {
        var address = settings.Realtime.Of(target.Route(cursor));
        var token = await tokens.GetAsync(cancellationToken).ConfigureAwait(false);
        var attempt = await AttemptAsync(address, target, token, cancellationToken).ConfigureAwait(false);
        if (attempt.Refusal?.Status == Unauthorized)
        {
            token = await tokens.RenewAsync(token, cancellationToken).ConfigureAwait(false);
            attempt = await AttemptAsync(address, target, token, cancellationToken).ConfigureAwait(false);
        }

        return attempt.Connection ?? throw Refused(attempt.Refusal!, target, token);
    }

    private async Task<(RealtimeConnection? Connection, Refusal? Refusal)> AttemptAsync(
        Uri address, SubscriptionTarget target, AccessToken token, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(settings.ConnectTimeout, settings.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var recorder = new RefusalRecorder(handler, settings.KeepAliveInterval + settings.KeepAliveTimeout, settings.Time);
        var socket = NewSocket(target, token);
        try
        {
            // The invoker is not disposed: it would take the client's handler with it.
            await socket.ConnectAsync(address, new HttpMessageInvoker(recorder, disposeHandler: false), either.Token).ConfigureAwait(false);
            var connection = new RealtimeConnection(socket, settings.MaxMessageBytes, settings.ClientSecret, target.InstanceToken, token.Value)
            {
                IsExtended = socket.SubProtocol == ExtensionProtocol.Name,
                OpenedAt = recorder.AgreedAt,
                Line = recorder.Line,
            };
            return (connection, null);
        }
        catch (Exception failure)
        {
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            if (recorder.Refusal is { } refusal)
                return (null, refusal);
            if (timeout.IsCancellationRequested)
                throw new VZapsTimeoutException($"{settings.Realtime} did not open a connection within {settings.ConnectTimeout} (ConnectTimeout).", failure);
            if (failure is WebSocketException or HttpRequestException or IOException)
                throw new VZapsRealtimeException($"No connection to {settings.Realtime}: {(failure.InnerException ?? failure).Message}", failure);
            throw;
        }
    }

    private ClientWebSocket NewSocket(SubscriptionTarget target, AccessToken token)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", new AuthenticationHeaderValue("Bearer", token.Value).ToString());
        socket.Options.SetRequestHeader("X-Client-Token", settings.ClientToken);
        socket.Options.SetRequestHeader("X-Instance-Token", target.InstanceToken);
        if (settings.UseExtension)
            socket.Options.AddSubProtocol(ExtensionProtocol.Name);
        socket.Options.KeepAliveInterval = settings.KeepAliveInterval;
#if NET9_0_OR_GREATER
        socket.Options.KeepAliveTimeout = settings.KeepAliveTimeout;
#endif
        return socket;
    }

    private VZapsException Refused(Refusal refusal, SubscriptionTarget target, AccessToken token)
    {
        var text = $"{settings.Realtime} refused the connection to {target.InstanceId} with "
            + refusal.Explanation(settings.ClientSecret, target.InstanceToken, token.Value);
        return refusal.Status switch
        {
            Unauthorized => new VZapsAuthenticationException(text) { ErrorCode = refusal.Error?.Error },
            429 => new VZapsRateLimitException(text) { RetryAfter = refusal.RetryAfter, ErrorCode = refusal.Error?.Error },
            _ => new VZapsRealtimeException(text)
            {
                HandshakeStatus = refusal.Status,
                ErrorCode = refusal.Error?.Error,
                RetryAfter = refusal.RetryAfter,
            },
        };
    }
}
