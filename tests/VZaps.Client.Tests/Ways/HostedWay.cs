using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace VZaps.Client.Tests.Ways;

/// <summary><c>AddVZaps</c> and <c>AddEventHandler</c>: a background service of a host.</summary>
public sealed class HostedWay(int maxConcurrency) : WayToConsume
{
    private const string Name = "watched";

    public override bool IsParallel => maxConcurrency > 1;

    public override async Task<RunningConsumer> BeginAsync(VZapsClient client, EventSubscribeRequest request, Func<VZapsEvent, CancellationToken, Task> handle)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(client);
        builder.Services.AddSingleton(handle);
        // The client and the request are the test's; the options are only checked.
        builder.Services.AddVZaps(builder.Configuration, options => (options.ClientToken, options.ClientSecret) = (ScriptedServer.ClientToken, ScriptedServer.ClientSecret))
            .AddEventHandler<Handler>(Name)
            .ConfigureSubscription(Name, options =>
            {
                (options.InstanceId, options.InstanceToken) = (request.InstanceId, request.InstanceToken);
                options.Customize = _ => request with { MaxConcurrency = maxConcurrency };
            });
        var host = builder.Build();
        await host.StartAsync();
        return new Running(host);
    }

    public override string ToString() => IsParallel ? "hosted in parallel" : "hosted";

    private sealed class Handler(Func<VZapsEvent, CancellationToken, Task> handle) : IEventHandler
    {
        public Task HandleAsync(EventContext context) => handle(context.Event, context.CancellationToken);
    }

    private sealed class Running : RunningConsumer
    {
        private readonly Lazy<Task> _stopping;

        public Running(IHost host)
        {
            Ended = host.Services.GetServices<IHostedService>().OfType<BackgroundService>().Single().ExecuteTask!;
            _stopping = new Lazy<Task>(async () =>
            {
                await host.StopAsync();
                host.Dispose();
            });
        }

        public override Task Ended { get; }

        public override Task StopAsync() => _stopping.Value;
    }
}
