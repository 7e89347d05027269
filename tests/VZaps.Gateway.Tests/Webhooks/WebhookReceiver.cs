using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace VZaps.Gateway.Tests.Webhooks;

/// <summary>One post as it arrived.</summary>
internal sealed record ReceivedPost(string Path, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string EventId => Headers["webhook-id"];

    public int Attempt => int.Parse(Headers["vzaps-attempt"]);
}

/// <summary>A receiver on a real Kestrel: keeps what arrives, and answers what the test says.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedPost> _posts = new();
    private readonly CancellationTokenSource _ending = new();

    private WebhookReceiver(WebApplication app) => _app = app;

    /// <summary>Answers a post; by default 200.</summary>
    public Func<ReceivedPost, HttpContext, Task> Answer { get; set; } = (_, _) => Task.CompletedTask;

    public IReadOnlyList<ReceivedPost> Posts => [.. _posts];

    public string Url => _app.Urls.First() + "/hook";

    public string UrlOf(string path) => _app.Urls.First() + path;

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new WebhookReceiver(app);
        app.Run(receiver.ReceiveAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Answers every post with a status.</summary>
    public void AnswerAll(int status) => Answer = (_, context) =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync($"status {status}");
    };

    /// <summary>Does not answer until the end of the test, or of the caller's patience.</summary>
    public async Task HangAsync(HttpContext context)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _ending.Token);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, either.Token);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _ending.Dispose();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var post = new ReceivedPost(
            context.Request.Path,
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            await reader.ReadToEndAsync());
        _posts.Enqueue(post);
        await Answer(post, context);
    }
}
