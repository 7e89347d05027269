using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace VZaps.LoadTest.Bare;

/// <summary><c>GET /events/ws?instance_id=…</c>: what is published from the 101 on; with <c>from=start</c> what is in the file before it.
/// Any other GET: how many acks came.</summary>
internal sealed class SubscribeRoute(Topics topics, RecycledSegment segment, GroupWriter writer, AckTotal acks)
{
    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 has it so; nothing is protected by it.")]
    public async Task HandleAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
        {
            await response.WriteAsync(acks.Count.ToString(CultureInfo.InvariantCulture)); // asked for to see whether it is up, too
            return;
        }

        var fromStart = request.Query["from"] == "start";
        if (fromStart && segment.HasWrapped)
        {
            response.StatusCode = StatusCodes.Status410Gone;
            return;
        }

        var topic = topics.Get(request.Query["instance_id"]!);
        var subscriber = new Subscriber(acks);
        var end = writer.BetweenGroups(() =>
        {
            topic.Add(subscriber);
            return segment.End;
        });
        try
        {
            response.Headers.Upgrade = "websocket";
            response.Headers.Connection = "Upgrade";
            response.Headers.SecWebSocketAccept = Convert.ToBase64String(
                SHA1.HashData(Encoding.ASCII.GetBytes(request.Headers.SecWebSocketKey + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
            var stream = await upgrade.UpgradeAsync();
            var replay = fromStart ? new Replay(segment, topic.Number, end) : null;
            await subscriber.RunAsync(stream, replay);
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
