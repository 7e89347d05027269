using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using VZaps.Client.Testing;

namespace VZaps.Client.Hosting.Tests;

/// <summary>A host whose client reaches a fake gateway.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    public const string Chat = "15550002222@s.whatsapp.net";
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private readonly IHost _host;

    public TestHost(Action<VZapsBuilder> add, Action<Dictionary<string, string?>>? configuration = null, Action<IServiceCollection>? services = null)
    {
        var values = new Dictionary<string, string?>
        {
            ["VZaps:Consumer"] = "shop-bot",
            ["VZaps:Subscriptions:shop:InstanceId"] = Gateway.InstanceId,
            ["VZaps:Subscriptions:shop:InstanceToken"] = Gateway.InstanceToken,
            ["VZaps:Subscriptions:shop:RetryDelay"] = "00:00:00.001",
        };
        configuration?.Invoke(values);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(values);
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(Seen);
        services?.Invoke(builder.Services);
        add(builder.Services.AddVZaps(builder.Configuration, options => Gateway.Configure(options)));
        builder.Services.AddHealthChecks().AddVZaps();
        _host = builder.Build();
    }

    public FakeGateway Gateway { get; } = new();

    public Seen Seen { get; } = new();

    public VZapsSubscriptions Subscriptions => Services.GetRequiredService<VZapsSubscriptions>();

    public IServiceProvider Services => _host.Services;

    public async Task StartAsync()
    {
        await StartAloneAsync();
        await Gateway.WaitConnectedAsync();
    }

    /// <summary>Starts, and does not wait for a connection.</summary>
    public Task StartAloneAsync() => _host.StartAsync().WaitAsync(Limit);

    public Task StopAsync() => _host.StopAsync().WaitAsync(Limit);

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        _host.Dispose();
    }

    public static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(watch.Elapsed < Limit, $"Not within {Limit}: {what}");
            await Task.Delay(5);
        }
    }
}

/// <summary>What the handlers were given.</summary>
internal sealed class Seen
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public TaskCompletionSource? Hold { get; set; }

    /// <summary>So many times a handler that asks for it throws.</summary>
    public int Failures { get; set; }

    /// <summary>So many times what is scoped throws as its scope ends.</summary>
    public int FailuresToLeave { get; set; }
}
