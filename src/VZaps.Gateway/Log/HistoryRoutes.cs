using System.IO.Pipelines;
using System.Text;
using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;

namespace VZaps.Gateway.Log;

/// <summary>The log over HTTP: a page at a time, or one event.</summary>
internal static class HistoryRoutes
{
    // A page of the largest events would be 1 GiB; this ends it earlier, and the client reads on.
    private const int MaxPageBytes = 8 << 20;

    public static void MapHistory(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/instances/{id}/events", ReadPageAsync)
            .WithName("listEvents").WithTags("Events")
            .WithSummary("Read the instance's log, a page at a time")
            .RequiresCredentials(CredentialRequirement.OfInstance)
            .Produces<DataAnswer<EventPageAnswer>>()
            .ProducesProblems(400, 401, 404, 500);
        routes.MapGet("/instances/{id}/events/{eventId}", ReadOneAsync)
            .WithName("getEvent").WithTags("Events")
            .WithSummary("Read one event of the instance's log")
            .RequiresCredentials(CredentialRequirement.OfInstance)
            .Produces<DataAnswer<EventAnswer>>()
            .ProducesProblems(400, 401, 404, 500);
    }

    private static async Task ReadPageAsync(
        HttpContext context, string id, string? after, string? types, string? limit, InstanceAuthorization authorization, IEventLog log)
    {
        var filter = EventTypeFilter.Read(Query.GetAll(context, "types")) ?? EventTypeSet.All;
        var limits = new LogPageLimits(PageLimit.Read(limit), MaxPageBytes);
        EventPosition? cursor = string.IsNullOrEmpty(after) ? null : Cursor.ReadForm(after, "after");
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        if (cursor is { } position)
            Cursor.Require(position, instance.Id, log);
        var afterSequence = cursor?.Sequence ?? 0;
        var page = await ReadAsync(() => log.ReadAsync(instance.Id, afterSequence, filter, limits, context.RequestAborted));

        var writer = Begin(context.Response);
        Write(writer, "{\"code\":200,\"success\":true,\"data\":{\"events\":["u8);
        for (var i = 0; i < page.Envelopes.Count; i++)
        {
            if (i > 0)
                Write(writer, ","u8);
            Write(writer, page.Envelopes[i].Utf8.Span);
            await writer.FlushAsync(context.RequestAborted);
        }

        var next = page.Envelopes.Count > 0 ? $"\"{page.Envelopes[^1].Position}\"" : "null";
        var hasMore = !page.ReachedEnd ? "true" : "false";
        Write(writer, Encoding.ASCII.GetBytes($"],\"next_after\":{next},\"has_more\":{hasMore}}}}}"));
        await writer.FlushAsync(context.RequestAborted);
        page.Memory?.Return();
    }

    private static async Task ReadOneAsync(
        HttpContext context, string id, string eventId, InstanceAuthorization authorization, IEventLog log)
    {
        var position = Cursor.ReadForm(eventId, "the event id");
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        Cursor.Require(position, instance.Id, log);
        if (await ReadAsync(() => log.ReadOneAsync(instance.Id, position.Sequence, context.RequestAborted)) is not { } envelope || envelope.Position != position)
            throw new Problem(404, "event_not_retained", $"Event {eventId} is no longer retained. See Log:RetentionAge and the byte limits beside it.").ToException();

        var writer = Begin(context.Response);
        Write(writer, "{\"code\":200,\"success\":true,\"data\":"u8);
        Write(writer, envelope.Utf8.Span);
        Write(writer, "}"u8);
        await writer.FlushAsync(context.RequestAborted);
    }

    private static async ValueTask<T> ReadAsync<T>(Func<ValueTask<T>> read)
    {
        try
        {
            return await read();
        }
        catch (EventLogDamagedException damage)
        {
            throw new Problem(500, "log_damaged", $"The log is damaged where this event stands: {damage.File} at byte {damage.Offset}. The gateway's operator has to mend it; other events can be read.").ToException();
        }
    }

    private static PipeWriter Begin(HttpResponse response)
    {
        response.ContentType = "application/json; charset=utf-8";
        return response.BodyWriter;
    }

    private static void Write(PipeWriter writer, ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(writer.GetSpan(utf8.Length));
        writer.Advance(utf8.Length);
    }
}

/// <summary>A page of the log.</summary>
/// <param name="Events">The envelopes, in log order.</param>
/// <param name="NextAfter">Give it as <c>after</c> to read on; null where the page is empty.</param>
/// <param name="HasMore">Whether there was more when the page was read.</param>
internal sealed record EventPageAnswer(IReadOnlyList<EventAnswer> Events, string? NextAfter, bool HasMore);

/// <summary>An event's envelope.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Type">One of the nine types.</param>
/// <param name="InstanceId">Its instance.</param>
/// <param name="CreatedAt">When it happened.</param>
/// <param name="Data">The payload; repeats the type.</param>
internal sealed record EventAnswer(
    string Id, string Type, string InstanceId, DateTimeOffset CreatedAt, IReadOnlyDictionary<string, object> Data);
