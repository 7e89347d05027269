using System.Text.Json;
using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Media;

/// <summary>An instance's files, for who has its credentials: listed, with new links, and fetched again.</summary>
internal sealed class MediaItemRoutes(MediaCatalog catalog, MediaLinks links, FetchJobs jobs, InstanceAuthorization authorization, IEventLog log)
{
    private const string OfInstance = "/instances/{id}/media";

    public static void Map(IEndpointRouteBuilder routes)
    {
        Describe(routes.MapGet(OfInstance, (HttpContext context, string id, MediaItemRoutes items) => items.ListAsync(context, id)),
                "listMedia", "The instance's files, the newest first; status=, after=, limit=")
            .Produces<DataAnswer<MediaPage>>().ProducesProblems(400, 401, 404);
        Describe(routes.MapGet(OfInstance + "/{mediaId}", (HttpContext context, string id, string mediaId, MediaItemRoutes items) => items.GetAsync(context, id, mediaId)),
                "getMediaItem", "What is known of a file, with a new link")
            .Produces<DataAnswer<MediaAnswer>>().ProducesProblems(400, 401, 404);
        Describe(routes.MapGet("/instances/{id}/events/{eventId}/media", (HttpContext context, string id, string eventId, MediaItemRoutes items) => items.OfEventAsync(context, id, eventId)),
                "getEventMedia", "An event's file, with a new link")
            .Produces<DataAnswer<MediaAnswer>>().ProducesProblems(400, 401, 404, 410);
        Describe(routes.MapPost(MediaLinks.Path + "{mediaId}/fetch", (HttpContext context, string mediaId, MediaItemRoutes items) => items.FetchAsync(context, mediaId)),
                "fetchMedia", "Fetch a file again")
            .Produces<DataAnswer<MediaAnswer>>().Produces<DataAnswer<MediaAnswer>>(202).ProducesProblems(400, 401, 404);
        Describe(routes.MapPost(OfInstance + "/fetch", (HttpContext context, string id, MediaItemRoutes items) => items.FetchAllAsync(context, id)),
                "fetchAllMedia", "Fetch all files of the instance again that could not be fetched")
            .Produces<DataAnswer<FetchAgainAnswer>>(202).ProducesProblems(400, 401, 404);
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route, string name, string summary) =>
        route.WithName(name).WithTags("Media").WithSummary(summary).RequiresCredentials(CredentialRequirement.OfInstance);

    private async Task<IResult> ListAsync(HttpContext context, string id)
    {
        var statuses = StatusesOf(Query.GetAll(context, "status"));
        var limit = PageLimit.Read(Query.Get(context, "limit"));
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        var after = Query.Get(context, "after") is { } text ? await FindAsync(instance.Id, text, context.RequestAborted) : null;
        var rows = await catalog.ListAsync(instance.Id, statuses, after, limit, context.RequestAborted);
        var hasMore = rows.Count > limit;
        return Answers.Data(new MediaPage([.. rows.Take(limit).Select(row => AnswerOf(context, row))], hasMore ? rows[limit - 1].Id : null, hasMore));
    }

    private async Task<IResult> GetAsync(HttpContext context, string id, string mediaId)
    {
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        return Answers.Data(AnswerOf(context, await FindAsync(instance.Id, mediaId, context.RequestAborted)));
    }

    private async Task<IResult> OfEventAsync(HttpContext context, string id, string eventId)
    {
        var position = Cursor.ReadForm(eventId, "the event id");
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        Cursor.Require(position, instance.Id, log);
        if (await log.ReadOneAsync(instance.Id, position.Sequence, context.RequestAborted) is not { } envelope || envelope.Position != position)
            throw new Problem(404, "event_not_retained", $"Event {eventId} is no longer retained. See Log:RetentionAge and the byte limits beside it.").ToException();
        var mediaId = IdIn(envelope.Utf8.Span) ?? throw MediaProblems.EventHasNone.ToException();
        return await catalog.FindAsync(mediaId, context.RequestAborted) is { } row && row.Instance == instance.Id.Value
            ? Answers.Data(AnswerOf(context, row))
            : throw MediaProblems.Gone.ToException();
    }

    private async Task<IResult> FetchAsync(HttpContext context, string mediaId)
    {
        // Whose it is says its row, so the credentials are looked at behind it; to who has none of it, it is not there.
        if (!MediaId.TryParse(mediaId, out var id) || await catalog.FindAsync(id, context.RequestAborted) is not { } row)
            throw MediaProblems.NotFound.ToException();
        InstanceId instance;
        try
        {
            instance = (await authorization.AuthorizeInstanceAsync(context, row.Instance)).Id;
        }
        catch (ProblemException foreign) when (foreign.Problem.Status == 404)
        {
            throw MediaProblems.NotFound.ToException();
        }

        var again = await catalog.FetchAgainAsync(id, instance, context.RequestAborted);
        jobs.Wake();
        row = await FindAsync(instance, mediaId, context.RequestAborted);
        return Answers.Data(AnswerOf(context, row), again > 0 ? StatusCodes.Status202Accepted : StatusCodes.Status200OK);
    }

    private async Task<IResult> FetchAllAsync(HttpContext context, string id)
    {
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        var again = await catalog.FetchAgainAsync(id: null, instance.Id, context.RequestAborted);
        jobs.Wake();
        return Answers.Data(new FetchAgainAnswer(again), StatusCodes.Status202Accepted);
    }

    private async Task<MediaRow> FindAsync(InstanceId instance, string mediaId, CancellationToken cancellationToken) =>
        MediaId.TryParse(mediaId, out var id) && await catalog.FindAsync(id, cancellationToken) is { } row && row.Instance == instance.Value
            ? row
            : throw MediaProblems.NotFound.ToException();

    private MediaAnswer AnswerOf(HttpContext context, MediaRow row) =>
        MediaAnswer.Of(row, links.Make(links.OriginOf(context), row.ParsedId, InstanceId.Parse(row.Instance)));

    private static List<MediaStatus> StatusesOf(IEnumerable<string?> given)
    {
        var statuses = new List<MediaStatus>();
        foreach (var name in given.SelectMany(text => (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
            statuses.Add(MediaStatuses.Parse(name) ?? throw MediaProblems.InvalidStatus(name).ToException());
        return statuses;
    }

    private static MediaId? IdIn(ReadOnlySpan<byte> envelope)
    {
        var reader = new Utf8JsonReader(envelope);
        using var document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.Member("data")?.Member("media")?.Member("id") is { ValueKind: JsonValueKind.String } id && MediaId.TryParse(TextOf(id), out var found)
            ? found
            : null;
    }

    private static string? TextOf(JsonElement text)
    {
        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException)
        {
            return null; // half of a surrogate pair: no id
        }
    }
}
