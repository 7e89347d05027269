using Microsoft.Extensions.Options;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Media;

/// <summary><c>/media/{id}</c>: a file, for whoever has its link.</summary>
internal sealed class MediaRoutes(
    MediaCatalog catalog, IMediaStore store, MediaLinks links, MediaWaiters waiters, MediaMetrics metrics, IOptions<MediaOptions> options, TimeProvider time)
{
    private static readonly TimeSpan SoonestRetry = TimeSpan.FromSeconds(2), LatestRetry = TimeSpan.FromHours(1);

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapMethods(MediaLinks.Path + "{mediaId}", ["GET", "HEAD"], (HttpContext context, string mediaId, MediaRoutes media) => media.GetAsync(context, mediaId))
        .WithName("getMedia").WithTags("Media").WithSummary("The file of an event, by the event's media_url; Range, If-None-Match and If-Range are taken")
        .Produces(200).Produces(206).Produces(304).Produces<DataAnswer<MediaAnswer>>(202).ProducesProblems(403, 404, 410, 416, 424);

    private async Task GetAsync(HttpContext context, string mediaId)
    {
        if (!MediaId.TryParse(mediaId, out var id))
            throw MediaProblems.NotFound.ToException();
        var (instance, expires) = links.Require(context, id);
        var aborted = context.RequestAborted;
        var row = await catalog.FindAsync(id, aborted);
        if (row is { Status: MediaStatus.Pending } && HttpMethods.IsGet(context.Request.Method) && options.Value.WaitFor > TimeSpan.Zero)
            row = await waiters.WaitAsync(id, () => catalog.FindAsync(id, aborted), aborted);
        // A good link to what is not there: it was.
        if (row is null || row.Instance != instance.Value)
        {
            metrics.Requested("gone");
            throw MediaProblems.Gone.ToException();
        }

        switch (row.Status)
        {
            case MediaStatus.Stored:
                await ServeAsync(context, row);
                break;
            case MediaStatus.Pending:
                metrics.Requested("pending");
                await AnswerPendingAsync(context, row, expires);
                break;
            default:
                metrics.Requested("failed");
                throw MediaProblems.Failed(row.ErrorCode ?? "media_internal_error", row.ErrorMessage ?? "").ToException();
        }
    }

    private async Task ServeAsync(HttpContext context, MediaRow row)
    {
        if (await store.OpenAsync(row.Sha256!, context.RequestAborted) is not { } content)
        {
            metrics.Requested("gone");
            throw MediaProblems.Gone.ToException();
        }

        await FileAnswer.WriteAsync(context, row, content);
        var isServed = context.Response.StatusCode is StatusCodes.Status200OK or StatusCodes.Status206PartialContent;
        metrics.Requested(isServed ? "served" : "not_modified");
        if (isServed && HttpMethods.IsGet(context.Request.Method) && !context.RequestAborted.IsCancellationRequested)
            metrics.Served(context.Response.ContentLength ?? 0);
    }

    private Task AnswerPendingAsync(HttpContext context, MediaRow row, long expires)
    {
        var next = row.NextAttemptAtMilliseconds is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) - time.GetUtcNow() : TimeSpan.Zero;
        var wait = next < SoonestRetry ? SoonestRetry : next > LatestRetry ? LatestRetry : next;
        context.Response.Headers.RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString();
        context.Response.Headers.CacheControl = "no-store";
        // The one that was asked for, and no longer: who has a link and no credentials has it until it expires.
        var link = links.Make(links.OriginOf(context), row.ParsedId, InstanceId.Parse(row.Instance), expires);
        return Answers.Data(MediaAnswer.Of(row, link), StatusCodes.Status202Accepted).ExecuteAsync(context);
    }
}
