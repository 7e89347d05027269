using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace VZaps.Gateway.Tests.Media;

/// <summary>The Graph API, a bucket, or whoever has files: answers what the test says.</summary>
internal sealed class MediaServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _ending = new();

    private MediaServer(WebApplication app) => _app = app;

    /// <summary>Answers a path; 404 where there is none for it.</summary>
    public ConcurrentDictionary<string, Func<HttpContext, Task>> Routes { get; } = new(StringComparer.Ordinal);

    /// <summary>What was asked for, with its <c>Authorization</c>.</summary>
    public ConcurrentQueue<(string Path, string Authorization)> Requests { get; } = new();

    public string Url => _app.Urls.First();

    public int Port => new Uri(Url).Port;

    public static async Task<MediaServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new MediaServer(app);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    /// <summary>Gives a file at a path.</summary>
    public string Serve(string path, byte[] content, string type = "image/jpeg")
    {
        Routes[path] = async context =>
        {
            context.Response.ContentType = type;
            context.Response.ContentLength = content.Length;
            await context.Response.Body.WriteAsync(content, context.RequestAborted);
        };
        return Url + path;
    }

    /// <summary>Answers a path with a status.</summary>
    public string Refuse(string path, int status, string body = "")
    {
        Routes[path] = context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        };
        return Url + path;
    }

    /// <summary>Sends who asks for a path elsewhere.</summary>
    public string Redirect(string path, string location, int status = 302)
    {
        Routes[path] = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = location;
            return Task.CompletedTask;
        };
        return Url + path;
    }

    /// <summary>Answers as the Graph API does for a file's id.</summary>
    public void Graph(string id, string url, long? size = null, string? sha256 = null) => Routes["/graph/" + id] = context => context.Response.WriteAsJsonAsync(new
    {
        messaging_product = "whatsapp", url, mime_type = "image/jpeg", sha256, file_size = size?.ToString(), id,
    });

    /// <summary>Says nothing more until the end of the test, or of the caller's patience.</summary>
    public async Task HangAsync(HttpContext context)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _ending.Token);
        await Task.Delay(Timeout.InfiniteTimeSpan, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        context.Abort();
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _ending.Dispose();
    }

    private Task AnswerAsync(HttpContext context)
    {
        Requests.Enqueue((context.Request.Path, context.Request.Headers.Authorization.ToString()));
        if (Routes.TryGetValue(context.Request.Path, out var answer))
            return answer(context);
        context.Response.StatusCode = 404;
        return Task.CompletedTask;
    }
}
