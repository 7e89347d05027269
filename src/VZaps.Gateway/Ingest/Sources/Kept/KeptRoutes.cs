using System.Text;
using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary><c>/instances/{id}/sources/{kind}/kept</c>: payloads that could not be mapped.</summary>
internal static class KeptRoutes
{
    private const string Path = SourceSettingsRoutes.Path + "/{kind}/kept";

    public static void MapKeptPayloads(this IEndpointRouteBuilder routes)
    {
        SourceSettingsRoutes.Describe(routes.MapGet(Path, ListAsync), "listKeptPayloads", "Payloads that could not be mapped, the newest first; before=, limit= (1 to 100)")
            .Produces<DataAnswer<KeptPage>>().ProducesProblems(400, 401, 404);
        SourceSettingsRoutes.Describe(routes.MapPost(Path + "/map", MapAllAsync), "mapKeptPayloads", "Map all of them again")
            .Produces<DataAnswer<MappedAgainAnswer>>().ProducesProblems(400, 401, 404, 503);
        SourceSettingsRoutes.Describe(routes.MapPost(Path + "/{keptId:long}/map", MapOneAsync), "mapKeptPayload", "Map one of them again")
            .Produces<DataAnswer<MappedAgainAnswer>>().ProducesProblems(400, 401, 404, 503);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, string id, string kind, InstanceAuthorization authorization, SourceDirectory sources, KeptPayloads kept)
    {
        var before = Query.Get(context, "before") is not { } text ? (long?)null
            : long.TryParse(text, out var given) ? given
            : throw SourceProblems.Invalid("before", "the id of a kept payload").ToException();
        var limit = Math.Min(PageLimit.Read(Query.Get(context, "limit")), 100);
        var source = await SourceSettingsRoutes.AuthorizeAsync(context, id, kind, authorization, sources);
        var (rows, total) = await kept.ListAsync(source, before, limit, context.RequestAborted);
        return Answers.Data(new KeptPage([.. rows.Select(KeptAnswer.Of)], total, rows.Count == limit ? rows[^1].Id : null));
    }

    private static Task<IResult> MapAllAsync(
        HttpContext context, string id, string kind, InstanceAuthorization authorization, SourceDirectory sources, MappingAgain again, MediaLinks links) =>
        MapAsync(context, id, kind, only: null, authorization, sources, again, links);

    private static Task<IResult> MapOneAsync(
        HttpContext context, string id, string kind, long keptId, InstanceAuthorization authorization, SourceDirectory sources, MappingAgain again, MediaLinks links) =>
        MapAsync(context, id, kind, keptId, authorization, sources, again, links);

    private static async Task<IResult> MapAsync(
        HttpContext context, string id, string kind, long? only, InstanceAuthorization authorization, SourceDirectory sources, MappingAgain again, MediaLinks links)
    {
        var source = await SourceSettingsRoutes.AuthorizeAsync(context, id, kind, authorization, sources);
        return Answers.Data(await again.MapAsync(source, only, links.OriginOf(context), context.RequestAborted));
    }
}

/// <summary>A payload that could not be mapped.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Reason">Why not.</param>
/// <param name="ReceivedAt">When it came.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Body">Its first 64 KiB, as text.</param>
internal sealed record KeptAnswer(long Id, string Reason, string ReceivedAt, int Bytes, string Body)
{
    private const int MostShown = 64 * 1024;

    public static KeptAnswer Of(KeptRow row) => new(
        row.Id, row.Reason, Rfc3339.ToText(DateTimeOffset.FromUnixTimeMilliseconds(row.ReceivedAtMilliseconds)), row.Bytes,
        Encoding.UTF8.GetString(row.Body.AsSpan(0, Math.Min(row.Body.Length, MostShown))));
}

/// <summary>A page of them.</summary>
/// <param name="Payloads">The newest first.</param>
/// <param name="Total">How many are kept.</param>
/// <param name="NextBefore">Where the next page begins; null where there is none.</param>
internal sealed record KeptPage(IReadOnlyList<KeptAnswer> Payloads, int Total, long? NextBefore);

/// <summary>What came of mapping again.</summary>
/// <param name="Mapped">Payloads that could be mapped, and are kept no longer.</param>
/// <param name="StillKept">Those that could not.</param>
internal sealed record MappedAgainAnswer(int Mapped, int StillKept);
