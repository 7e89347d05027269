using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace VZaps.Client.Tests;

/// <summary>A real Kestrel that does what the test says: gives tokens, refuses, accepts, sends, cuts, and shows what came in.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    public const string InstanceId = "VZ0123456789ABCDEFGHIJKLMNOPQRSTUV";
    public const string InstanceToken = "instance-secret-c2f1";
    public const string ClientToken = "client-public-77aa";
    public const string ClientSecret = "client-secret-90e3";

    private readonly WebApplication _app;
    private readonly Channel<ServerConnection> _connections = Channel.CreateUnbounded<ServerConnection>();
    private readonly CancellationTokenSource _stopping = new();
    private int _tokens;

    private ScriptedServer(WebApplication app) => _app = app;

    /// <summary>What the next handshakes get instead of a connection, first come first.</summary>
    public ConcurrentQueue<Func<HttpContext, Task>> Refusals { get; } = new();

    /// <summary>Every handshake, refused or not.</summary>
    public ConcurrentQueue<HandshakeSeen> Handshakes { get; } = new();

    public ConcurrentQueue<string> TokenBodies { get; } = new();

    /// <summary>Answers everything but <c>/token</c> and <c>/events/ws</c>.</summary>
    public Func<HttpContext, Task> Other { get; set; } = context => RefuseAsync(context, 404, "not_found", "No such route.");

    /// <summary>Answers <c>/token</c> in place of a token.</summary>
    public Func<HttpContext, Task>? TokenRefusal { get; set; }

    public int TokensGiven => Volatile.Read(ref _tokens);

    /// <summary>Whether handshakes that offer the extension are answered with it.</summary>
    public bool AgreesToExtension { get; set; }

    public int TokenLifetimeSeconds { get; set; } = 3600;

    public Uri Address => new(_app.Urls.Single());

    public static async Task<ScriptedServer> StartAsync(string prefix = "", int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel().UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        var server = new ScriptedServer(app);
        app.UseWebSockets();
        app.Run(context => server.AnswerAsync(context, prefix));
        await app.StartAsync();
        return server;
    }

    public static Task RefuseAsync(HttpContext context, int status, string error, string message)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync($$"""{"code":{{status}},"success":false,"error":"{{error}}","message":"{{message}}"}""");
    }

    public void RefuseNext(int status, string error = "refused", string message = "Refused by the test.") =>
        Refusals.Enqueue(context => RefuseAsync(context, status, error, message));

    /// <summary>The next connection that was accepted.</summary>
    public async Task<ServerConnection> AcceptAsync()
    {
        using var limit = new CancellationTokenSource(Wait.Limit);
        return await _connections.Reader.ReadAsync(limit.Token);
    }

    public bool HasConnectionWaiting => _connections.Reader.TryPeek(out _);

    public VZapsClient NewClient(Action<VZapsClientOptions>? change = null) => NewClientAt(Address, change);

    public static VZapsClient NewClientAt(Uri address, Action<VZapsClientOptions>? change = null)
    {
        var options = new VZapsClientOptions { ClientToken = ClientToken, ClientSecret = ClientSecret, BaseUrl = address };
        change?.Invoke(options);
        return new VZapsClient(options);
    }

    public static EventSubscribeRequest Request => new()
    {
        InstanceId = InstanceId,
        InstanceToken = InstanceToken,
        RetryDelay = TimeSpan.FromMilliseconds(1),
    };

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
    }

    private Task AnswerAsync(HttpContext context, string prefix)
    {
        if (context.Request.Path == prefix + "/token")
            return GiveTokenAsync(context);
        return context.Request.Path == prefix + "/events/ws" ? ConnectAsync(context) : Other(context);
    }

    private async Task GiveTokenAsync(HttpContext context)
    {
        TokenBodies.Enqueue(await new StreamReader(context.Request.Body).ReadToEndAsync());
        if (TokenRefusal is { } refusal)
        {
            await refusal(context);
            return;
        }

        await context.Response.WriteAsync(
            $$"""{"access_token":"jwt-{{Interlocked.Increment(ref _tokens)}}","token_type":"Bearer","expires_in":{{TokenLifetimeSeconds}}}""");
    }

    private async Task ConnectAsync(HttpContext context)
    {
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        Handshakes.Enqueue(new HandshakeSeen(context.Request.QueryString.Value ?? "", headers));
        if (Refusals.TryDequeue(out var refuse))
        {
            await refuse(context);
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
            SubProtocol = AgreesToExtension && context.WebSockets.WebSocketRequestedProtocols.Contains(ExtensionProtocol.Name) ? ExtensionProtocol.Name : null,
        });
        var connection = new ServerConnection(context, socket, Handshakes.Last());
        _connections.Writer.TryWrite(connection);
        await connection.ReadToEndAsync(_stopping.Token);
    }
}

/// <summary>A handshake as the server saw it.</summary>
internal sealed record HandshakeSeen(string Query, IReadOnlyDictionary<string, string> Headers)
{
    public string? Cursor => Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(Query).TryGetValue("last_event_id", out var cursor) ? cursor.ToString() : null;

    public string? Header(string name) => Headers.GetValueOrDefault(name);
}
