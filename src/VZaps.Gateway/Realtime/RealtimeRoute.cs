using Microsoft.AspNetCore.Http.Features;
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
    InstanceFeeds feeds,
    RealtimeServices services)
{
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
            Cursor.Require(cursor, request.Instance, services.Log);

        using var connection = new RealtimeConnection(request.Describe(context, access, services.Time.GetUtcNow()), services);
        connections.Add(connection);
        try
        {
            // The drain closes those that it finds here; who came while it began has to see for itself.
            if (draining.IsDraining)
                throw HttpProblems.Draining(draining.RetryAfter).ToException();
            await RunAsync(context, connection, request);
        }
        finally
        {
            connections.Remove(connection);
        }
    }

    private async Task RunAsync(HttpContext context, RealtimeConnection connection, RealtimeRequest request)
    {
        var (attachment, account) = await AttachAsync(connection, request, context.RequestAborted);
        try
        {
            using var reader = new EventReader(services.Log, feeds, request.Instance, connection.Wake);
            using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
            {
                // The framework does the handshake; frames, and so the pings, are ours.
                KeepAliveInterval = Timeout.InfiniteTimeSpan,
                SubProtocol = connection.Info.IsExtended ? ExtensionProtocol.Name : null,
            });
            await connection.RunAsync(context.Features.GetRequiredFeature<WatchedUpgrade>().Stream!, context.Abort, reader, attachment);
        }
        finally
        {
            await services.Attachments.DetachAsync(account, connection.IsEndedByServer);
        }
    }

    private async ValueTask<(Attachment Attachment, DeliveryAccount Account)> AttachAsync(
        RealtimeConnection connection, RealtimeRequest request, CancellationToken cancellationToken)
    {
        var (types, cursor) = (connection.Info.Types, request.Cursor?.Sequence);
        if (request.IsEphemeral)
        {
            var ephemeral = services.Attachments.StartEphemeral(request.Instance, types, cursor);
            return (ephemeral, connection.OpenAccount(consumer: null, ephemeral.Start));
        }

        return await services.Attachments.AttachAsync(
            new ConsumerKey(request.Instance, request.Consumer), types, cursor, connection.OpenAccount, cancellationToken);
    }
}
