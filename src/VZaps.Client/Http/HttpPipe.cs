using VZaps.Client.Configuration;

namespace VZaps.Client.Http;

/// <summary>What calls, handshakes and files go through, and who disposes it.</summary>
internal sealed class HttpPipe : IDisposable
{
    private readonly HttpMessageHandler? _own;
    private readonly HttpClient? _ownClient;
    private readonly HttpMessageHandler? _ownMedia;

    public HttpPipe(VZapsClientOptions options)
    {
        Handler = options.HttpHandler ?? (_own = NewHandler());
        Calls = options.HttpClient ?? (_ownClient = new HttpClient(Handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan });
        Links = new HttpClient(options.MediaHttpHandler ?? (_ownMedia = NewMediaHandler()), disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public HttpMessageHandler Handler { get; }

    public HttpClient Calls { get; }

    /// <summary>For links that lead elsewhere than to the gateway: it adds nothing to a request.</summary>
    public HttpClient Links { get; }

    public void Dispose()
    {
        Links.Dispose();
        _ownMedia?.Dispose();
        _ownClient?.Dispose();
        _own?.Dispose();
    }

    public static SocketsHttpHandler NewHandler() => new()
    {
        // A redirect would carry X-Client-Token and X-Instance-Token to wherever it points.
        AllowAutoRedirect = false,
        UseCookies = false,
        // A new connection now and then follows a change of the server's address.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    };

    public static SocketsHttpHandler NewMediaHandler()
    {
        var handler = NewHandler();
        // The trace and its baggage are no stranger's business. A propagator that writes nothing would not do: listeners that hear of a request may write into it themselves.
        handler.ActivityHeadersPropagator = null;
        return handler;
    }
}
