using VZaps.Gateway.Http;

namespace VZaps.Gateway.Realtime;

/// <summary>Puts the WebSocket end into the container and onto its address.</summary>
internal static class RealtimeRegistration
{
    public const string Path = "/events/ws";

    // Over HTTP/2, which browsers choose where the gateway itself does TLS, a WebSocket is opened with CONNECT.
    private static readonly string[] Methods = ["GET", "CONNECT"];

    public static IServiceCollection AddRealtime(this IServiceCollection services) => services
        .AddSingleton<ConnectionRegistry>()
        .AddSingleton<BusyConnections>()
        .AddSingleton<RealtimeServices>()
        .AddSingleton<RealtimeMetrics>()
        .AddHostedService<DeliveryTicker>()
        .AddSingleton<RealtimeRoute>();

    public static void MapRealtime(this IEndpointRouteBuilder routes) => routes
        .MapMethods(Path, Methods, (HttpContext context, RealtimeRoute route) => route.HandleAsync(context))
        .WithName("subscribe")
        .WithTags("Realtime")
        .WithSummary("Receive an instance's events over a WebSocket")
        .WithDescription("Query: instance_id (required), events, last_event_id, consumer. Also at /consumers/{name}/events/ws. "
            + "Needs the instance token together with an access token or the client token, in headers or in the query.")
        .Produces(StatusCodes.Status101SwitchingProtocols)
        .ProducesProblems(400, 401, 404, 426, 429, 503);
}
