using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using VZaps.Client.Testing.Delivery;
using VZaps.Client.Testing.Media;

namespace VZaps.Client.Testing.Wire;

/// <summary>Files by their links, and what is known of them to who has credentials.</summary>
internal sealed class MediaRoutes(MediaShelf shelf, EventPump pump, string instanceId)
{
    /// <summary>As the gateway keeps a request for a pending file, and after which time it wants to be asked again.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30), RetryAfter = TimeSpan.FromSeconds(2);

    /// <summary>The answer; null where the request is for none of these routes.</summary>
    /// <param name="request">The request.</param>
    /// <param name="mayCall">Whether it has the credentials of the instance. A link needs none.</param>
    /// <param name="cancellationToken">Ends a wait for a pending file.</param>
    public async Task<HttpResponseMessage?> AnswerAsync(HttpRequestMessage request, bool mayCall, CancellationToken cancellationToken)
    {
        var parts = request.RequestUri!.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var isRead = request.Method == HttpMethod.Get || request.Method == HttpMethod.Head;
        if (parts is ["media", var linked] && isRead)
            return await ServeAsync(request, linked, cancellationToken).ConfigureAwait(false);
        if (Call(request, parts) is not { } answer)
            return null;
        return mayCall ? answer() : FakeAnswer.Refuse(HttpStatusCode.Unauthorized, "invalid_token", "Neither the account's access token nor the instance's token.");
    }

    private Func<HttpResponseMessage>? Call(HttpRequestMessage request, string[] parts)
    {
        var (isGet, isPost) = (request.Method == HttpMethod.Get, request.Method == HttpMethod.Post);
        return parts switch
        {
            ["instances", var id, "media"] when isGet && id == instanceId => () => List(new RequestQuery(request.RequestUri!)),
            ["instances", var id, "media", "fetch"] when isPost && id == instanceId => RefetchAll,
            ["instances", var id, "media", var mediaId] when isGet && id == instanceId => () => Get(mediaId),
            ["instances", var id, "events", var eventId, "media"] when isGet && id == instanceId => () => OfEvent(eventId),
            ["media", var mediaId, "fetch"] when isPost => () => Refetch(mediaId),
            _ => null,
        };
    }

    private async Task<HttpResponseMessage> ServeAsync(HttpRequestMessage request, string id, CancellationToken cancellationToken)
    {
        if (!ShelvedFile.IsId(id))
            return NotFound();
        if (shelf.MistakeIn(new RequestQuery(request.RequestUri!), id) is { } mistake)
            return FakeAnswer.Refuse(HttpStatusCode.Forbidden, mistake, "The link is not as the gateway made it, or has expired.");
        if (shelf.Find(id) is not { } file)
            return Gone();
        shelf.Read(() => file.Requests++);
        if (request.Method == HttpMethod.Get)
            await shelf.WhilePendingAsync(file, LongestWait, cancellationToken).ConfigureAwait(false);
        var (state, error, message) = shelf.Read(() => (file.State, file.ErrorCode, file.ErrorMessage));
        return state switch
        {
            ShelfState.Stored => FileAnswer.Of(request, file, () => NextCut(file)),
            ShelfState.Pending => Pending(file, request.RequestUri!),
            ShelfState.Failed => FakeAnswer.Refuse(HttpStatusCode.FailedDependency, error!, message!),
            _ => Gone(),
        };
    }

    private int? NextCut(ShelvedFile file) => shelf.Read(() => file.Cuts.TryDequeue(out var cut) ? cut : (int?)null);

    private HttpResponseMessage Pending(ShelvedFile file, Uri link)
    {
        // The link that was asked for, and no longer one: who has it and no credentials has the file until it expires.
        var answer = FakeAnswer.Data(HttpStatusCode.Accepted, Item(file, link));
        answer.Headers.RetryAfter = new RetryConditionHeaderValue(RetryAfter);
        return answer;
    }

    private HttpResponseMessage Get(string mediaId) => Known(mediaId) is { } file ? FakeAnswer.Data(HttpStatusCode.OK, Item(file)) : NotFound();

    private HttpResponseMessage OfEvent(string eventId)
    {
        if (pump.DataOf(eventId) is not { } data)
            return FakeAnswer.Refuse(HttpStatusCode.NotFound, "event_not_retained", "There is no such event.");
        using (data)
        {
            if (!data.RootElement.TryGetProperty("media", out var media) || media.ValueKind != JsonValueKind.Object || !media.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.String)
                return FakeAnswer.Refuse(HttpStatusCode.NotFound, "event_has_no_media", "The event refers to no file.");
            return Known(id.GetString()!) is { } file
                ? FakeAnswer.Data(HttpStatusCode.OK, Item(file))
                : Gone();
        }
    }

    private HttpResponseMessage List(RequestQuery query)
    {
        var statuses = query.All("status").SelectMany(list => list.Split(',')).ToHashSet(StringComparer.Ordinal);
        var limit = int.TryParse(query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 100;
        var files = shelf.All.Where(IsKnown);
        if (query["after"] is { } after && Known(after) is null)
            return NotFound();
        if (query["after"] is { } last)
            files = files.SkipWhile(file => file.Id != last).Skip(1);
        var found = files.Where(file => statuses.Count == 0 || statuses.Contains(shelf.Read(() => file.State.ToString().ToLowerInvariant()))).Take(limit + 1).ToList();
        var hasMore = found.Count > limit;
        return FakeAnswer.Data(HttpStatusCode.OK, new JsonObject
        {
            ["items"] = new JsonArray([.. found.Take(limit).Select(Item)]),
            ["next_after"] = hasMore ? found[limit - 1].Id : null,
            ["has_more"] = hasMore,
        });
    }

    private HttpResponseMessage Refetch(string mediaId)
    {
        if (Known(mediaId) is not { } file)
            return NotFound();
        var isStored = shelf.Read(() => file.State == ShelfState.Stored);
        if (!isStored)
            shelf.FetchAgain(file);
        return FakeAnswer.Data(isStored ? HttpStatusCode.OK : HttpStatusCode.Accepted, Item(file));
    }

    private HttpResponseMessage RefetchAll()
    {
        var failed = shelf.All.Where(file => shelf.Read(() => file.State == ShelfState.Failed)).ToList();
        failed.ForEach(shelf.FetchAgain);
        return FakeAnswer.Data(HttpStatusCode.Accepted, new JsonObject { ["again"] = failed.Count });
    }

    private JsonObject Item(ShelvedFile file) => Item(file, shelf.NewLink(file));

    private JsonObject Item(ShelvedFile file, Uri link) => shelf.Read(() => ShelfJson.Item(file, instanceId, link.AbsoluteUri));

    private ShelvedFile? Known(string id) => shelf.Find(id) is { } file && IsKnown(file) ? file : null;

    // Of what was removed the gateway knows nothing more.
    private bool IsKnown(ShelvedFile file) => shelf.Read(() => file.State != ShelfState.Gone);

    private static HttpResponseMessage Gone() => FakeAnswer.Refuse(HttpStatusCode.Gone, "media_gone", "The file was removed.");

    private static HttpResponseMessage NotFound() => FakeAnswer.Refuse(HttpStatusCode.NotFound, "media_not_found", "There is no such file.");
}
