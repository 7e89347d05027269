using VZaps.Client.Configuration;

namespace VZaps.Client.Http;

/// <summary>What calls and handshakes go through, and who disposes it.</summary>
internal sealed class HttpPipe : IDisposable
{
    private readonly HttpMessageHandler? _own;
    private readonly HttpClient? _ownClient;

    public HttpPipe(VZapsClientOptions options)
    {
        Handler = options.HttpHandler ?? (_own = NewHandler());
        Calls = options.HttpClient ?? (_ownClient = new HttpClient(Handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan });
    }

    public HttpMessageHandler Handler { get; }

    public HttpClient Calls { get; }

    public void Dispose()
    {
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
}
