using System.Buffers;
using Microsoft.AspNetCore.Mvc;
using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Log;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest;

/// <summary><c>POST /instances/{id}/events</c>: events go into the instance's log, and are answered when they are durable.</summary>
internal sealed class PublishRoute(
    InstanceAuthorization authorization, DrainState draining, PublishRate rate, IngestMetrics metrics, PublishedMedia media, MultipartPublish multipart,
    MediaAttaching attaching, MediaLinks links, IEventLog log, TimeProvider time)
{
    // The route counts for itself, to refuse in its own words; the server's count only has to come later.
    private const int Slack = 64 * 1024;

    private static readonly SearchValues<string> LineTypes =
        SearchValues.Create(["x-ndjson", "application/ndjson", "jsonl", "json-lines"], StringComparison.OrdinalIgnoreCase);

    public static void Map(IEndpointRouteBuilder routes)
    {
        // Asked for once: a parameter of the handler would be looked up, in a scope of its own, for each request. Not yet, as the log
        // is opened by the start.
        var route = new Lazy<PublishRoute>(routes.ServiceProvider.GetRequiredService<PublishRoute>, LazyThreadSafetyMode.PublicationOnly);
        routes
            .MapPost("/instances/{id}/events", (HttpContext context, string id) => route.Value.HandleAsync(context, id))
            .WithName("publishEvents")
            .WithTags("Events")
            .WithSummary("Publish one event, an array of them, or one a line (application/x-ndjson); or an event with its file (multipart/form-data)")
            .WithDescription("Answers when the events are durable. All or nothing for one request. The same idempotency_key in the same "
                + "instance gives the first event's id and stores nothing.")
            .AcceptsBody<PublishEventBody>("application/x-ndjson", "multipart/form-data")
            .WithMetadata(new RequestSizeLimitAttribute(PublishLimits.MaxBodyBytes + Slack))
            .RequiresCredentials(CredentialRequirement.OfInstance)
            .Produces<DataAnswer<PublishAnswer>>(StatusCodes.Status202Accepted)
            .ProducesProblems(400, 401, 404, 408, 413, 429, 503);
    }

    public async Task HandleAsync(HttpContext context, string id)
    {
        if (draining.IsDraining)
            throw HttpProblems.Draining(draining.RetryAfter).ToException();
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        var (drafts, attached, taken) = await ReadDraftsAsync(context, instance.Id);
        var bytes = BytesOf(drafts);
        var began = time.GetTimestamp();
        try
        {
            // Waited for to its end, although the client may be gone: it is a commit's time, and asking would cost each request.
            var result = await log.AppendAsync(instance.Id, drafts, CancellationToken.None);
            if (attached is not null)
                await attaching.AppendedAsync(attached, result);
            metrics.Published(drafts.Count - result.Duplicates.Count, bytes, result.Duplicates.Count, time.GetElapsedTime(began));
            PublishedAnswer.Write(context.Response, result);
        }
        catch (EventLogFullException full)
        {
            rate.Settle(taken, events: 0, bytes: 0);
            await attaching.RefusedAsync(attached ?? []);
            throw PublishProblems.LogFull(full.Message);
        }
        catch (EventLogUnavailableException unavailable)
        {
            throw PublishProblems.LogUnavailable(unavailable.Message);
        }
    }

    /// <summary>The drafts, their files where there are any, and what of the rate was taken.</summary>
    private async ValueTask<(List<EventDraft> Drafts, AttachedMedia?[]? Attached, TakenRate Taken)> ReadDraftsAsync(HttpContext context, InstanceId instance)
    {
        var request = context.Request;
        if (MultipartBoundary.Of(request) is { } boundary)
            return await multipart.ReadAsync(context, boundary, instance, links.OriginOf(context));
        List<EventDraft> drafts;
        var withMedia = new List<int>(0);
        using (var body = await RequestBody.ReadAsync(request, PublishLimits.MaxBodyBytes))
        {
            // Whatever is not said to be lines is read as JSON: `curl -d` calls everything a form.
            drafts = request.ContentType is { } contentType && contentType.AsSpan().ContainsAny(LineTypes)
                ? PublishRequestParser.ParseLines(body.Span, instance, time.GetUtcNow(), withMedia)
                : PublishRequestParser.ParseJson(body.Span, instance, time.GetUtcNow(), withMedia);
        }

        var taken = rate.Take(instance, drafts.Count, BytesOf(drafts));
        return (drafts, withMedia.Count == 0 ? null : await AttachAsync(context, instance, drafts, withMedia, taken), taken);
    }

    private async Task<AttachedMedia?[]> AttachAsync(HttpContext context, InstanceId instance, List<EventDraft> drafts, List<int> withMedia, TakenRate taken)
    {
        try
        {
            return await media.AttachAsync(instance, drafts, withMedia, links.OriginOf(context));
        }
        catch
        {
            rate.Settle(taken, events: 0, bytes: 0);
            throw;
        }
    }

    private static long BytesOf(List<EventDraft> drafts)
    {
        var bytes = 0L;
        foreach (var draft in drafts)
            bytes += draft.Utf8.Length;
        return bytes;
    }
}

/// <summary>One event to publish; an array of them is taken, too.</summary>
/// <param name="Type">One of the nine types.</param>
/// <param name="Data">An object; its <c>type</c> is added where absent and must agree where present.</param>
/// <param name="CreatedAt">When it happened; now where absent.</param>
/// <param name="IdempotencyKey">1 to 256 bytes.</param>
internal sealed record PublishEventBody(
    string Type, IReadOnlyDictionary<string, object> Data, DateTimeOffset? CreatedAt, string? IdempotencyKey);

/// <summary>What became of the events of one request.</summary>
/// <param name="Ids">Their ids, in the order of the request.</param>
/// <param name="Duplicates">The indexes of those that were there already.</param>
internal sealed record PublishAnswer(IReadOnlyList<string> Ids, IReadOnlyList<int> Duplicates);
