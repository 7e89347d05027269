using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;
using VZaps.Gateway.Delivery;
using VZaps.Gateway.Http;
using VZaps.Gateway.Log;
using VZaps.Gateway.Realtime;
using VZaps.Gateway.Webhooks;

namespace VZaps.Gateway.Operations;

/// <summary><c>/metrics</c>: the gateway's instruments, and those of the runtime and the server, for Prometheus.</summary>
internal static class Metrics
{
    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];

    public static IServiceCollection AddGatewayMetrics(this IServiceCollection services)
    {
        services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(GatewayMeter.Name, "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel")
            .AddView(
                instrument => instrument is { Meter.Name: GatewayMeter.Name, Unit: "s" } and Histogram<double>
                    ? new ExplicitBucketHistogramConfiguration { Boundaries = Seconds }
                    : null)
            .AddPrometheusExporter());
        return services;
    }

    public static void MapMetrics(this WebApplication app)
    {
        // Observed at each scrape, so somebody has to make them.
        app.Services.GetRequiredService<LagMetrics>();
        app.Services.GetRequiredService<RealtimeMetrics>();
        app.Services.GetRequiredService<WebhookLagMetrics>();
        var meter = app.Services.GetRequiredService<IMeterFactory>().Create(GatewayMeter.Name);
        meter.CreateObservableGauge("vzaps.log.size", () => app.Services.GetRequiredService<IEventLog>().Bytes, "By", "Bytes that the log takes on its disk.");
        meter.CreateObservableCounter("vzaps.log.damaged", () => app.Services.GetRequiredService<IEventLog>().DamagedReads, "{read}", "Reads that met damage in the log.");
        app.MapPrometheusScrapingEndpoint("/metrics").WithTags("Operations").WithSummary("Metrics for Prometheus.");
    }
}
