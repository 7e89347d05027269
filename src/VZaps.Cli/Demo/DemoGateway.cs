using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using VZaps.Gateway;
using VZaps.Gateway.Accounts;
using VZaps.Gateway.Delivery;

namespace VZaps.Cli.Demo;

/// <summary>A whole gateway in this process: on loopback, with an account of its own and its store in a folder that it is given.</summary>
internal sealed class DemoGateway : IAsyncDisposable
{
    private readonly WebApplication _app;

    private DemoGateway(WebApplication app, string clientToken, string clientSecret) =>
        (_app, ClientToken, ClientSecret) = (app, clientToken, clientSecret);

    public Uri Address => new(_app.Urls.First());

    public string ClientToken { get; }

    public string ClientSecret { get; }

    /// <summary>Starts it.</summary>
    /// <param name="folder">Where it keeps everything.</param>
    /// <param name="port">A loopback port; 0 for a free one.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<DemoGateway> StartAsync(string folder, int port, CancellationToken cancellationToken)
    {
        var (token, secret) = (Secret.NewPublic("vzc_"), Secret.New("vzs_"));
        var app = GatewayApplication.Create([], builder => Configure(builder, folder, token, secret));
        try
        {
            app.Urls.Clear();
            app.Urls.Add($"http://127.0.0.1:{port}");
            await app.StartAsync(cancellationToken);
            return new DemoGateway(app, token, secret);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>How many of a consumer's events, up to and with one, still want an ack: the gateway's own account.</summary>
    public int CountOwed(string instanceId, string consumer, string upToEventId)
    {
        if (!EventPosition.TryParse(upToEventId, out var last))
            return 0;
        var key = new ConsumerKey(InstanceId.Parse(instanceId), consumer);
        var known = _app.Services.GetRequiredService<ConsumerDirectory>().All.Single(known => known.Key == key);
        return known.Snapshot().Types.Sum(type => type.Owed.Count(sequence => sequence <= last.Sequence));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static void Configure(WebApplicationBuilder builder, string folder, string token, string secret)
    {
        // Settings of a gateway that this user runs, in the environment or in a file, are not the demo's: it would write into that one's store.
        ((IConfigurationBuilder)builder.Configuration).Sources.Clear();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["DATA_PATH"] = folder,
            ["CLIENT_TOKEN"] = token,
            ["CLIENT_SECRET"] = secret,
        });
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        // Ctrl+C is the demo's: the subscriber goes first, then the gateway.
        builder.Services.AddSingleton<IHostLifetime, OwnedLifetime>();
    }

    /// <summary>Leaves signals alone: whoever started the gateway stops it.</summary>
    private sealed class OwnedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
