using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace VZaps.LoadTest.Bare;

/// <summary><c>GET /events/ws?instance_id=…</c>: what is published from the 101 on; with <c>from=start</c> what is in the file before it.</summary>
internal sealed class SubscribeRoute(Topics topics, RecycledSegment segment, GroupWriter writer)
{
    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 has it so; nothing is protected by it.")]
    public async Task HandleAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
        {
            response.StatusCode = StatusCodes.Status200OK; // asked for to see whether it is up
            return;
        }

        var fromStart = request.Query["from"] == "start";
        if (fromStart && segment.HasWrapped)
        {
            response.StatusCode = StatusCodes.Status410Gone;
            return;
        }

        var topic = topics.Get(request.Query["instance_id"]!);
        var subscriber = new Subscriber();
        var (after, end) = writer.BetweenGroups(() => (topic.Add(subscriber), segment.End));
        try
        {
            response.Headers.Upgrade = "websocket";
            response.Headers.Connection = "Upgrade";
            response.Headers.SecWebSocketAccept = Convert.ToBase64String(
                SHA1.HashData(Encoding.ASCII.GetBytes(request.Headers.SecWebSocketKey + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
            var stream = await upgrade.UpgradeAsync();
            var replay = fromStart ? new Replay(segment, topic.Number, end) : null;
            await subscriber.RunAsync(stream, replay, after);
        }
        finally
        {
            writer.BetweenGroups(() =>
            {
                topic.Remove(subscriber);
                return true;
            });
        }
    }
}
