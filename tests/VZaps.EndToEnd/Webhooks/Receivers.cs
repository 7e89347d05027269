using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace VZaps.EndToEnd.Webhooks;

/// <summary>Receivers of webhooks in this process, one a path: each behaves as its path says, and keeps account of what arrived.</summary>
internal sealed class Receivers : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _arrived = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, bool>> _taken = new(StringComparer.Ordinal);

    private Receivers(WebApplication app) => _app = app;

    public static async Task<Receivers> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receivers = new Receivers(app);
        app.Run(receivers.ReceiveAsync);
        await app.StartAsync();
        return receivers;
    }

    public string UrlOf(string name) => $"{_app.Urls.First()}/{name}";

    /// <summary>The ids of all posts that arrived there, in their order, doubles included.</summary>
    public IReadOnlyCollection<string> ArrivedAt(string name) => _arrived.TryGetValue(name, out var ids) ? ids : [];

    /// <summary>The ids that were answered 200 there.</summary>
    public IReadOnlyCollection<string> TakenAt(string name) => _taken.TryGetValue(name, out var ids) ? [.. ids.Keys] : [];

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _app.DisposeAsync();
        _ending.Dispose();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        var name = context.Request.Path.Value!.Trim('/');
        await context.Request.Body.CopyToAsync(Stream.Null);
        var id = context.Request.Headers["webhook-id"].ToString();
        _arrived.GetOrAdd(name, _ => new ConcurrentQueue<string>()).Enqueue(id);
        if (name == "hangs")
        {
            await HangAsync(context);
            return;
        }

        // Up to three attempts at the one that fails now and then, by the event; the first of each event at the one that is too busy.
        var attempt = int.Parse(context.Request.Headers["vzaps-attempt"].ToString());
        context.Response.StatusCode = name switch
        {
            "fails" when attempt <= id[^1] % 4 => 500,
            "busy" when attempt == 1 => 429,
            _ => 200,
        };
        if (context.Response.StatusCode == 200)
            _taken.GetOrAdd(name, _ => new ConcurrentDictionary<string, bool>(StringComparer.Ordinal))[id] = true;
    }

    private async Task HangAsync(HttpContext context)
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
}
