using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace VZaps.Client.AspNetCore.Tests;

/// <summary>A web application on loopback that takes webhooks, and reads of a fake gateway where its subscription says so.</summary>
internal sealed class WebhookHost : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly WebApplication _app;

    /// <param name="map">Maps the webhook.</param>
    /// <param name="add">Adds handlers to the client of the host; null for a host without one.</param>
    /// <param name="configuration">Changes its configuration.</param>
    /// <param name="services">Adds services.</param>
    public WebhookHost(
        Action<WebApplication> map, Action<VZapsBuilder>? add = null, Action<Dictionary<string, string?>>? configuration = null, Action<WebApplicationBuilder>? services = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var values = new Dictionary<string, string?>
        {
            ["VZaps:Consumer"] = "bot",
            ["VZaps:Subscriptions:phone:InstanceId"] = Gateway.InstanceId,
            ["VZaps:Subscriptions:phone:InstanceToken"] = Gateway.InstanceToken,
            ["VZaps:Subscriptions:phone:Transport"] = "Webhook",
            ["VZaps:Subscriptions:phone:WebhookSecrets"] = Webhook.Secret,
        };
        configuration?.Invoke(values);
        builder.Configuration.AddInMemoryCollection(values);
        builder.Services.AddSingleton(Seen);
        services?.Invoke(builder);
        add?.Invoke(builder.Services.AddVZaps(builder.Configuration, options => Gateway.Configure(options)));
        _app = builder.Build();
        map(_app);
    }

    public FakeGateway Gateway { get; } = new();

    public FakeWebhook Webhook { get; init; } = new();

    /// <summary>What the handlers saw.</summary>
    public ConcurrentQueue<string> Seen { get; } = new();

    public IServiceProvider Services => _app.Services;

    public HttpClient Client { get; } = new();

    /// <summary>Starts a host that takes the webhooks of its subscription at <c>/hook</c>.</summary>
    public static async Task<WebhookHost> StartAsync(
        Action<VZapsBuilder> add, Action<Dictionary<string, string?>>? configuration = null, Action<WebApplicationBuilder>? services = null)
    {
        var host = new WebhookHost(app => app.MapVZapsWebhook("/hook", "phone"), add, configuration, services);
        await host.StartAsync();
        return host;
    }

    public async Task StartAsync()
    {
        await _app.StartAsync().WaitAsync(Limit);
        Client.BaseAddress = new Uri(_app.Urls.Single());
    }

    public async Task<(int Status, string Body)> PostAsync(HttpRequestMessage post)
    {
        using (post)
        {
            using var answer = await Client.SendAsync(post).WaitAsync(Limit);
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
    }

    public static string Text(string text) => $$$$"""
        {"type":"Message","event":{"Info":{"ID":"1","Chat":"15550002222@s.whatsapp.net","Sender":"15550002222@s.whatsapp.net"},"Message":{"conversation":"{{{{text}}}}"}}}
        """;

    public Task StopAsync() => _app.StopAsync().WaitAsync(Limit);

    public static Task UntilAsync(Func<bool> holds, string what) => UntilAsync(() => Task.FromResult(holds()), what);

    public static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(watch.Elapsed < Limit, $"Not within {Limit}: {what}");
            await Task.Delay(5);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Gateway.DisposeAsync();
        await _app.DisposeAsync();
    }
}
