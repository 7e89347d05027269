using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace VZaps.LoadTest.Webhooks;

/// <summary>The receivers of a run in this process, each on a path of its own.</summary>
internal sealed class ReceiverServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Receiver> _receivers = [];

    private ReceiverServer(WebApplication app) => _app = app;

    /// <summary>All of them.</summary>
    public IReadOnlyList<Receiver> All => _receivers;

    public static async Task<ReceiverServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new ReceiverServer(app);
        app.Run(server.ReceiveAsync);
        await app.StartAsync();
        return server;
    }

    /// <summary>Makes a receiver; its URL.</summary>
    public string Add(string instance, string name, Conduct conduct)
    {
        _receivers.Add(new Receiver(instance, name, conduct, _released.Task));
        return $"{_app.Urls.First()}/{_receivers.Count - 1}";
    }

    /// <summary>Those that hang are well from now on.</summary>
    public void Release() => _released.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        Release();
        await _app.DisposeAsync();
    }

    private Task ReceiveAsync(HttpContext context) =>
        _receivers[int.Parse(context.Request.Path.Value.AsSpan(1), CultureInfo.InvariantCulture)].ReceiveAsync(context);
}
