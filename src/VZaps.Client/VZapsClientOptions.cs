using Microsoft.Extensions.Logging;
using VZaps.Client.Configuration;

namespace VZaps;

/// <summary>What a <see cref="VZapsClient"/> is made of. It is read once, by the client's constructor.</summary>
public sealed class VZapsClientOptions
{
    /// <summary>The account's public token. Required.</summary>
    public string ClientToken { get; set; } = "";

    /// <summary>The account's secret, from which access tokens are obtained. Required, unless <see cref="GetTokenAsync"/> is set.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>
    /// Gives an access token, in place of <see cref="ClientSecret"/>, for programs that keep the secret elsewhere. It is asked when the first token is needed, before one
    /// that is a JWT ends, and once when one was refused; never twice at a time. One that throws is a failure that may heal, unless it is a
    /// <see cref="VZapsAuthenticationException"/>.
    /// </summary>
    /// <value>Default null. It may take up to <see cref="RequestTimeout"/>; then its token is cancelled.</value>
    public Func<CancellationToken, Task<string>>? GetTokenAsync { get; set; }

    /// <summary>
    /// Where the HTTP routes are; an absolute <c>http</c> or <c>https</c> address without query, whose path is kept.
    /// </summary>
    /// <value>When null: the environment's <c>VZAPS_BASE_URL</c>, else <c>http://localhost:8080</c>.</value>
    public Uri? BaseUrl { get; set; }

    /// <summary>Where <c>/events/ws</c> is; an absolute <c>ws</c> or <c>wss</c> address without query, whose path is kept.</summary>
    /// <value>When null: <see cref="BaseUrl"/> with <c>ws</c> for <c>http</c> and <c>wss</c> for <c>https</c>.</value>
    public Uri? RealtimeUrl { get; set; }

    /// <summary>
    /// The durable reading position that subscriptions use unless they name another: 1 to 64 of <c>a-z0-9._-</c>, the first
    /// a letter or digit. Give your own when you run a program beside production, so that it takes nothing from production's position.
    /// </summary>
    /// <value>When null: the environment's <c>VZAPS_CONSUMER</c>, else none is named and the server uses <c>default</c>.</value>
    public string? Consumer { get; set; }

    /// <summary>
    /// How long one HTTP call may take each time that it is sent; obtaining a token is a call of its own. Where a file is published, it is how long nothing of it may go out, and then how long the answer may take.
    /// </summary>
    /// <value>Default 30 s; 100 ms to 10 min.</value>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How many times an HTTP call is sent again by itself: one that only reads, when the server was not reached or answered 502, 503 or 504, and any, when it answered 429 and how long to wait. Waits
    /// begin with up to 0.2 s and double; one that the server asks for wins up to 5 s, and beyond that its refusal is thrown.
    /// </summary>
    /// <value>Default 2; 0 to 10.</value>
    public int MaxCallRetries { get; set; } = 2;

    /// <summary>How long a realtime connection may take from the first byte to the server's agreement.</summary>
    /// <value>Default 15 s; 100 ms to 10 min.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a realtime connection may be quiet before it is asked for a sign of life.</summary>
    /// <value>Default 20 s; 100 ms to 10 min.</value>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long the sign of life may take before the connection is held to be dead and made anew.</summary>
    /// <value>
    /// Default 20 s; 100 ms to 10 min. The WebSocket of .NET 8 cannot ask: there the server's own pings are waited for, for
    /// <see cref="KeepAliveInterval"/> and this together, and no less than 50 s.
    /// </value>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long closing a subscription waits for the handler that is running; after that its token is cancelled.</summary>
    /// <value>Default 30 s; 0 to 1 h.</value>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether to offer the server the extension <c>vzaps.ext.1</c>: batches, acks that are gathered, failed events that come again
    /// after a delay of ours, long handlers that are waited for, word of gaps and of restarts. A server that does not agree is talked to without it.
    /// </summary>
    /// <value>Default true. Without effect while <see cref="MaxMessageBytes"/> is under 262,144, which a batch may have.</value>
    public bool UseExtension { get; set; } = true;

    /// <summary>
    /// Extension: how long an event whose handler threw waits before it is delivered again. The wait doubles with each delivery of
    /// it, up to 5 min, and a little is added at random. The server moves it to the dead letters after its last delivery.
    /// </summary>
    /// <value>Default 1 s; 0 to 5 min.</value>
    public TimeSpan FailedEventDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Extension: how long the server is told that a handler is still working on its event, so that it does not send the event again.
    /// </summary>
    /// <value>Default 1 h, which is also the most that a server grants; 0 to 1 h.</value>
    public TimeSpan MaxHandlerTime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// How many received events may wait for their handlers in one subscription. When so many wait, the socket is not
    /// read: the server waits too, and no event is lost.
    /// </summary>
    /// <value>
    /// Default 1,024, which is also how many events the gateway sends ahead of their acks; 1 to 1,000,000. With less than the
    /// server sends ahead, a handler that holds up a full queue for longer than <see cref="KeepAliveInterval"/> and
    /// <see cref="KeepAliveTimeout"/> together may cost the connection, which is then made anew.
    /// </value>
    public int MaxQueuedEvents { get; set; } = 1_024;

    /// <summary>The largest realtime message that is accepted, in bytes. A larger one is skipped and reported, and its event stays unacked.</summary>
    /// <value>Default 4 MiB; 1,024 to 1,073,741,824.</value>
    public int MaxMessageBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>How long a file that the gateway is still fetching is waited for, see <see cref="EventMedia"/>; then a <see cref="VZapsMediaException"/> says so.</summary>
    /// <value>Default 2 min; 0 to 1 h. A handler waits meanwhile, and so does what comes behind its event. A server that keeps a request waiting is given 5 s in any case.</value>
    public TimeSpan MediaPendingTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long the server of a file may send nothing before the connection is held to be broken. While the file is pending it may take 2 min longer, as a gateway may keep who asks for it
    /// waiting for so long, but not longer than <see cref="MediaPendingTimeout"/> leaves.
    /// </summary>
    /// <value>Default 60 s; 100 ms to 10 min.</value>
    public TimeSpan MediaStallTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How many times in a row a file that broke off is asked for again without a byte having come. Waits begin with up to 0.5 s and double, up to 10 s; where the server asks for a longer one, that counts.</summary>
    /// <value>Default 5; 0 to 100.</value>
    public int MaxMediaResumes { get; set; } = 5;

    /// <summary>
    /// Sends the HTTP calls in place of the client's own, for example one of an <c>IHttpClientFactory</c>. It is not disposed
    /// by the client. It should not follow redirects, which would carry credentials elsewhere. Files whose links lead to <see cref="BaseUrl"/>'s scheme, host and port
    /// are fetched with it, too; others never are, see <see cref="MediaHttpHandler"/>. Its
    /// <see cref="System.Net.Http.HttpClient.Timeout"/>, 100 s by default, ends every call, also one that publishes a file that goes on: make it <see cref="Timeout.InfiniteTimeSpan"/>.
    /// </summary>
    public HttpClient? HttpClient { get; set; }

    /// <summary>
    /// Carries the realtime handshake, and the HTTP calls too where <see cref="HttpClient"/> is null: for proxies and
    /// certificates. It must be able to upgrade connections, as <see cref="SocketsHttpHandler"/> is. It is not disposed by the client.
    /// </summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>
    /// Carries the requests for files whose links lead elsewhere than to <see cref="BaseUrl"/>'s scheme, host and port: for proxies and certificates. What it adds by itself goes to wherever
    /// a link leads, so it should add no credentials and no trace; nor should it follow redirects, which the client does: up to five, never from https to http. It is not disposed by the client.
    /// </summary>
    /// <value>When null: a handler of the client's own, without credentials and cookies, with the proxy of the environment, that propagates no trace.</value>
    public HttpMessageHandler? MediaHttpHandler { get; set; }

    /// <summary>Where log messages go; null for nowhere. No secret is ever logged.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>The clock of token renewal, time limits and back-off.</summary>
    /// <value>Default <see cref="System.TimeProvider.System"/>.</value>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>
    /// The consumer as which a subscription reads that names none of its own: <see cref="Consumer"/>, else the environment's <c>VZAPS_CONSUMER</c>, else the one in the path of <see cref="RealtimeUrl"/>
    /// or what stands for it (<c>/consumers/{name}</c>), else <c>default</c>.
    /// </summary>
    /// <returns>Its name, which is not checked here.</returns>
    public string ResolveConsumer() => ClientSettings.ConsumerOf(this, Environment.GetEnvironmentVariable);
}
