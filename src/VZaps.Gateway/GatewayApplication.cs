using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using VZaps.Gateway.Accounts;
using VZaps.Gateway.Delivery;
using VZaps.Gateway.Hosting;
using VZaps.Gateway.Http;
using VZaps.Gateway.Ingest;
using VZaps.Gateway.Ingest.Sources;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Log;
using VZaps.Gateway.Media;
using VZaps.Gateway.Operations;
using VZaps.Gateway.Realtime;
using VZaps.Gateway.Storage;
using VZaps.Gateway.Webhooks;

namespace VZaps.Gateway;

/// <summary>The composition root: a gateway, ready to be started. Several may run in one process, each on its own data folder.</summary>
internal static class GatewayApplication
{
    // The drain has to be over before an orchestrator's usual ten seconds are.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(9);

    /// <summary>Makes a gateway; nothing runs and nothing is opened before it is started.</summary>
    /// <param name="args">The command line: <c>--urls</c>, <c>--data-path</c> and any setting as <c>--Section:Name value</c>.</param>
    /// <param name="configure">The last word on configuration, services and logging, before anything is read.</param>
    /// <exception cref="InvalidConfigurationException">With all that is wrong with the configuration.</exception>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        // Settings are read once, at the start: a watch on the file would only cost.
        var builder = WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", .. args]);
        GatewayConfiguration.Use(builder.Configuration, args);
        var services = builder.Services;
        services.AddSingleton(TimeProvider.System);
        AddHost(builder);
        AddFolders(services);
        configure?.Invoke(builder);

        var app = builder.Build();
        try
        {
            app.Services.CheckOptions();
            _ = BootstrapPair.Read(app.Configuration);
        }
        catch
        {
            ((IDisposable)app).Dispose();
            throw;
        }

        UsePipeline(app);
        MapRoutes(app);
        return app;
    }

    private static void AddHost(WebApplicationBuilder builder)
    {
        var services = builder.Services;
        // The others that the framework brings along are for debuggers, and are asked for each scope.
        builder.Logging.ClearProviders().AddConsole();
        // It warns at the first start that keys are not encrypted themselves. They are in a folder of ours, which is the account's alone.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // A route that takes more says so by IRequestSizeLimitMetadata.
            kestrel.Limits.MaxRequestBodySize = WireJson.MaxBodyBytes;
        });
        services.AddOptions<KestrelServerOptions>().Configure<IConfiguration>(LimitRequests);
        services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        services.AddSingleton<IPostConfigureOptions<LoggerFilterOptions>, UnloggedRequestLines>();
        services.AddSingleton<IHttpContextFactory, CredentialFreeContextFactory>();
        services.AddCors().AddSingleton<IConfigureOptions<Microsoft.AspNetCore.Cors.Infrastructure.CorsOptions>, CrossOrigin>();
        services.AddApiDescription();
        services.AddOptionsSection<PublicAddressOptions, PublicAddressValidator>("");
        services.AddOptionsSection<LimitsOptions, LimitsValidator>(LimitsOptions.Section);
        services.AddOptionsSection<CorsOptions, PublicAddressValidator>(CorsOptions.Section);
        services.AddOptionsSection<ForwardedHeadersSettings, PublicAddressValidator>(ForwardedHeadersSettings.Section);
        services.AddOptionsSection<AuthOptions, AuthValidator>(AuthOptions.Section);
        services.AddSingleton<DrainState>();
        services.AddSingleton<HttpMetrics>();
    }

    // The host makes its server when it is built, before the check that lists all mistakes: a wrong limit must wait for that.
    private static void LimitRequests(KestrelServerOptions kestrel, IConfiguration configuration)
    {
        var limits = new LimitsOptions();
        SectionReader.Read(limits, configuration.GetSection(LimitsOptions.Section), []);
        if (new LimitsValidator().Validate(name: null, limits).Failed)
            return;
        kestrel.Limits.MaxRequestHeadersTotalSize = limits.MaxRequestHeaderBytes * RequestSizes.ServerFactor;
        kestrel.Limits.MaxRequestLineSize = limits.MaxRequestLineBytes * RequestSizes.ServerFactor;
    }

    private static void AddFolders(IServiceCollection services)
    {
        // Whoever needs the folder has it locked; the lock is the last thing that the container lets go of.
        services.AddSingleton(provider => DataFolderLock.Take(
            new DataFolder(GatewayConfiguration.DataPathOf(provider.GetRequiredService<IConfiguration>())), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => provider.GetRequiredService<DataFolderLock>().Folder);
        services.AddStorage();
        services.AddHostedService<GatewayStartup>();
        services.AddAccounts();
        services.AddInstances();
        services.AddOptionsSection<LogOptions, LogOptionsValidator>(LogOptions.Section);
        services.AddOptionsSection<DeliveryOptions, DeliveryOptionsValidator>(DeliveryOptions.Section);
        services.AddEventLog();
        services.AddSingleton<EventLogHost>().AddHostedService(provider => provider.GetRequiredService<EventLogHost>());
        services.AddSingleton(provider => provider.GetRequiredService<EventLogHost>().Log);
        // The log is open once the gateway has started, and some of its readers are made before.
        services.AddSingleton(provider => new Lazy<IEventLog>(provider.GetRequiredService<IEventLog>));
        services.AddOptionsSection<MediaOptions, MediaOptionsValidator>(MediaOptions.Section);
        services.AddMedia();
        services.AddSingleton<PublishRate>();
        services.AddSingleton<PublishedMedia>();
        services.AddSingleton<MultipartPublish>();
        services.AddSingleton<PublishRoute>();
        services.AddSingleton<IngestMetrics>();
        services.AddOptionsSection<SourceOptions, SourceOptionsValidator>(SourceOptions.Section);
        services.AddSources();
        services.AddMediaWork();
        services.AddDelivery();
        services.AddRealtime();
        services.AddOptionsSection<WebhookOptions, WebhookOptionsValidator>(WebhookOptions.Section);
        services.AddWebhooks();
        services.AddHostedService<Drain>();
        services.AddGatewayMetrics();
    }

    private static void UsePipeline(WebApplication app)
    {
        app.UseMiddleware<RequestIds>();
        app.UseMiddleware<ProblemWriter>();
        app.UseMiddleware<RequestSizes>();
        UseForwardedHeaders(app);
        app.UseMiddleware<ConsumerBasePath>();
        app.UseCors();
        WatchedUpgrade.Use(app);
        app.UseWebSockets();
        app.UseRouting();
    }

    private static void UseForwardedHeaders(WebApplication app)
    {
        var networks = app.Services.GetRequiredService<IOptions<ForwardedHeadersSettings>>().Value.KnownNetworks;
        if (networks.Count == 0)
            return;
        var forwarded = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
            // As far back as the addresses are known ones.
            ForwardLimit = null,
        };
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var network in networks)
            forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(network));
        app.UseForwardedHeaders(forwarded);
    }

    private static void MapRoutes(WebApplication app)
    {
        app.MapTokenRoutes();
        app.MapInstanceRoutes();
        PublishRoute.Map(app);
        app.MapSources();
        app.MapMedia();
        app.MapHistory();
        app.MapConsumers();
        app.MapDeadLetters();
        app.MapRealtime();
        app.MapWebhooks();
        app.MapHealthRoutes();
        app.MapMetrics();
        app.MapApiDescription();
    }
}
