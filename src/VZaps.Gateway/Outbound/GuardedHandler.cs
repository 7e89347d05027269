using System.Net;

namespace VZaps.Gateway.Outbound;

/// <summary>The handler under every <see cref="HttpClient"/> that calls a URL of a customer.</summary>
internal static class GuardedHandler
{
    // A name that moved, or a network that was closed, is noticed no later than this.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2), IdleTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10), DrainTimeout = TimeSpan.FromSeconds(1);
    private const int MaxHeaderKibibytes = 16, MaxDrainedBytes = 16 * 1_024;

    /// <summary>Makes one; it lives as long as the gateway, and renews its connections by itself.</summary>
    public static HttpMessageHandler Create(GuardedConnect connect) => new OnlyByConnection(new SocketsHttpHandler
    {
        ConnectCallback = connect.ConnectAsync,
        // Each of these would lead around the check: a proxy looks names up by itself, and a redirect names another host.
        UseProxy = false,
        AllowAutoRedirect = false,
        // A customer's answer sets nothing here, and is not unpacked into more than was sent.
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        MaxResponseHeadersLength = MaxHeaderKibibytes,
        MaxResponseDrainSize = MaxDrainedBytes,
        ResponseDrainTimeout = DrainTimeout,
        ConnectTimeout = ConnectTimeout,
        PooledConnectionLifetime = ConnectionLifetime,
        PooledConnectionIdleTimeout = IdleTimeout,
        // Ids of the gateway's own traces are nobody else's matter.
        ActivityHeadersPropagator = null,
    });

    /// <summary>HTTP/3 makes its connections without the callback, so nothing may ask for it.</summary>
    private sealed class OnlyByConnection(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Version > HttpVersion.Version20)
                request.Version = HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
            return base.SendAsync(request, cancellationToken);
        }
    }
}
