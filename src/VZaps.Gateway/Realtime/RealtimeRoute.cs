using Microsoft.Extensions.Options;
using VZaps.Gateway.Delivery;
using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Realtime;

/// <summary>
/// <c>GET /events/ws</c>: everything that can be refused is refused, and everything that must be settled is settled,
/// before the upgrade is answered: what is published after a client saw its 101 reaches it.
/// </summary>
internal sealed class RealtimeRoute(
    DrainState draining,
    InstanceAuthorization authorization,
    ConnectionRegistry connections,
    ConsumerAttachment attachment,
    IEventLog log,
    InstanceFeeds feeds,
    IOptions<DeliveryOptions> options,
    TimeProvider time,
    ILogger<RealtimeConnection> logger)
{
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PongTimeout = TimeSpan.FromSeconds(20);

    public async Task HandleAsync(HttpContext context)
    {
        if (draining.IsDraining)
            throw HttpProblems.Draining(draining.RetryAfter).ToException();
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            throw RealtimeProblems.NotAWebSocket.ToException();
        }

        var request = RealtimeRequest.Read(context);
        var access = await authorization.AuthorizeRealtimeAsync(context, request.Instance);
        if (request.Cursor is { } cursor)
            Cursor.Require(cursor, request.Instance, log);

        using var connection = new RealtimeConnection(ConnectionInfo.Of(context, access, request), logger, time);
        connections.Add(connection);
        try
        {
            await RunAsync(context, connection, request);
        }
        finally
        {
            connections.Remove(connection);
        }
    }

    private async Task RunAsync(HttpContext context, RealtimeConnection connection, RealtimeRequest request)
    {
        var (consumer, start) = await StartAsync(connection.Info, request, context.RequestAborted);
        using var reader = new EventReader(log, feeds, request.Instance, connection.Wake);
        using var socket = await context.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext { KeepAliveInterval = PingInterval, KeepAliveTimeout = PongTimeout });
        await connection.RunAsync(socket, reader, start, consumer, options.Value.Window);
    }

    private async ValueTask<(Consumer? Consumer, ConnectionStart Start)> StartAsync(
        ConnectionInfo info, RealtimeRequest request, CancellationToken cancellationToken)
    {
        var cursor = request.Cursor?.Sequence;
        return request.IsEphemeral
            ? (null, attachment.StartEphemeral(request.Instance, info.Types, cursor))
            : await attachment.AttachAsync(new ConsumerKey(request.Instance, request.Consumer), info.Types, cursor, cancellationToken);
    }
}
