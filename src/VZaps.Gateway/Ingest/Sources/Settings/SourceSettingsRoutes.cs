using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary><c>/instances/{id}/sources</c>: where an instance's events come from.</summary>
internal static class SourceSettingsRoutes
{
    public const string Path = "/instances/{id}/sources";

    public static void MapSourceSettings(this IEndpointRouteBuilder routes)
    {
        Describe(routes.MapGet(Path, ListAsync), "listSources", "The instance's sources, with the account of each")
            .Produces<DataAnswer<IReadOnlyList<SourceAnswer>>>().ProducesProblems(400, 401, 404);
        Describe(routes.MapGet(Path + "/{kind}", GetAsync), "getSource", "One source")
            .Produces<DataAnswer<SourceAnswer>>().ProducesProblems(400, 401, 404);
        Describe(routes.MapPost(Path + "/{kind}", SetAsync), "setSource", "Set a source; it is made where there is none. A secret that is made shows in this answer alone")
            .AcceptsBody<SourceRequest>().Produces<DataAnswer<SourceAnswer>>().ProducesProblems(400, 401, 404, 409);
        Describe(routes.MapDelete(Path + "/{kind}", DeleteAsync), "deleteSource", "Delete a source with all that is kept of it; its events stay")
            .Produces<DataAnswer<DeletedSourceAnswer>>().ProducesProblems(400, 401, 404);
        Describe(routes.MapPost(Path + "/{kind}/test", TestAsync), "testSource", "Map a payload, or a sample, and answer the events that it would become; nothing is stored")
            .AcceptsBody<object>().Produces<DataAnswer<SourceTestAnswer>>().ProducesProblems(400, 401, 404, 413);
    }

    public static RouteHandlerBuilder Describe(RouteHandlerBuilder route, string name, string summary) =>
        route.WithName(name).WithTags("Sources").WithSummary(summary).RequiresCredentials(CredentialRequirement.OfInstance);

    /// <summary>A source of the instance that a request may see.</summary>
    /// <exception cref="ProblemException">400, 401 or 404.</exception>
    public static async ValueTask<Source> AuthorizeAsync(HttpContext context, string id, string kind, InstanceAuthorization authorization, SourceDirectory sources)
    {
        RequireKind(kind);
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        return sources.Find(instance.Id, kind) ?? throw SourceProblems.NotFound(kind).ToException();
    }

    private static async Task<IResult> ListAsync(HttpContext context, string id, InstanceAuthorization authorization, SourceDirectory sources, SourceAnswers answers)
    {
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        return Answers.Data<IReadOnlyList<SourceAnswer>>([.. sources.AllOf(instance.Id).Select(source => answers.Of(context, source))]);
    }

    private static async Task<IResult> GetAsync(
        HttpContext context, string id, string kind, InstanceAuthorization authorization, SourceDirectory sources, SourceAnswers answers) =>
        Answers.Data(answers.Of(context, await AuthorizeAsync(context, id, kind, authorization, sources)));

    private static async Task<IResult> SetAsync(
        HttpContext context, string id, string kind, InstanceAuthorization authorization, SourceDirectory sources, SourceAnswers answers)
    {
        var request = await WireJson.ReadOrDefaultAsync<SourceRequest>(context, context.RequestAborted);
        RequireKind(kind);
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        var (source, newSecret) = await sources.SetAsync(instance.Id, kind, current => request.Apply(instance.Id, kind, current), context.RequestAborted);
        return Answers.Data(answers.Of(context, source, newSecret));
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string id, string kind, InstanceAuthorization authorization, SourceDirectory sources)
    {
        var source = await AuthorizeAsync(context, id, kind, authorization, sources);
        return await sources.DeleteAsync(source, context.RequestAborted)
            ? Answers.Data(new DeletedSourceAnswer(kind, Deleted: true))
            : throw SourceProblems.NotFound(kind).ToException();
    }

    private static async Task<IResult> TestAsync(
        HttpContext context, string id, string kind, InstanceAuthorization authorization, SourceDirectory sources, SenderRoutes senders, TimeProvider time)
    {
        var source = await AuthorizeAsync(context, id, kind, authorization, sources);
        using var body = await RequestBody.ReadAsync(context.Request, WireJson.MaxBodyBytes);
        var now = time.GetUtcNow();
        var payload = body.Span.IsEmpty ? SourceSample.Of(source, now) : body.Memory;
        return Answers.Data(SourceTestAnswer.Of(senders.FormatOf(source).Map(source, payload, now)));
    }

    private static void RequireKind(string kind)
    {
        if (!SourceKind.IsKnown(kind))
            throw SourceProblems.UnknownKind(kind).ToException();
    }
}

/// <summary>A source that is gone.</summary>
internal sealed record DeletedSourceAnswer(string Kind, bool Deleted);
