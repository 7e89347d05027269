using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;

namespace VZaps.Gateway.Delivery;

/// <summary><c>/instances/{id}/deadletters</c>: what a consumer could not handle, and giving it back.</summary>
internal static class DeadLetterRoutes
{
    private const string Path = "/instances/{id}/deadletters";
    private const int ReadAtOnce = 50;
    private const int MaxPageBytes = 8 << 20;

    public static void MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        Describe(routes.MapGet(Path, ListAsync), "listDeadLetters", "A consumer's dead letters, a page at a time").Produces<DataAnswer<DeadLetterPageAnswer>>();
        Describe(routes.MapPost(Path + "/{eventId}/redeliver", RedeliverAsync), "redeliverDeadLetter", "Deliver a dead letter again").Produces<DataAnswer<DeadLetterAnswer>>();
        Describe(routes.MapPost(Path + "/redeliver", RedeliverAllAsync), "redeliverDeadLetters", "Deliver all of a consumer's dead letters again").Produces<DataAnswer<RedeliveredAnswer>>();
        Describe(routes.MapDelete(Path + "/{eventId}", DeleteAsync), "deleteDeadLetter", "Delete a dead letter").Produces<DataAnswer<DeletedAnswer>>();
        Describe(routes.MapDelete(Path, DeleteAllAsync), "deleteDeadLetters", "Delete all of a consumer's dead letters").Produces<DataAnswer<DeletedAnswer>>();
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route, string name, string summary) => route
        .WithName(name).WithTags("Dead letters").WithSummary(summary)
        .WithDescription("Query: consumer (default \"default\").")
        .RequiresCredentials(CredentialRequirement.OfInstance)
        .ProducesProblems(400, 401, 404);

    private static async Task<IResult> ListAsync(
        HttpContext context, string id, InstanceAuthorization authorization, ConsumerDirectory consumers, DeadLetterStore store)
    {
        var (consumerName, limit) = (ReadConsumer(context), PageLimit.Read(Query.Get(context, "limit")));
        var afterId = Query.Get(context, "after");
        var after = afterId is null ? 0 : Log.Cursor.ReadForm(afterId, "after").Sequence;
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        var consumer = await FindAsync(consumers, instance.Id, consumerName, context.RequestAborted);
        if (consumer is null)
            return Answers.Data(new DeadLetterPageAnswer([], Total: 0, NextAfter: null, HasMore: false));

        var (letters, hasMore) = await ReadPageAsync(store, consumer, after, limit, context.RequestAborted);
        return Answers.Data(new DeadLetterPageAnswer(
            [.. letters.Select(DeadLetterAnswer.Of)],
            consumer.ReadLetters(index => index.Count),
            letters.Count > 0 ? letters[^1].EventId : null,
            hasMore));
    }

    private static async Task<IResult> RedeliverAsync(
        HttpContext context, string id, string eventId, InstanceAuthorization authorization, ConsumerDirectory consumers, DeadLetters letters, DeadLetterStore store)
    {
        var (consumer, sequence) = await RequireLetterAsync(context, id, eventId, authorization, consumers);
        await letters.RedeliverAsync(consumer, [sequence], context.RequestAborted);
        var row = await store.FindAsync(consumer.Key, sequence, context.RequestAborted)
            ?? throw ConsumerProblems.LetterNotFound(eventId, consumer.Key.Name).ToException();
        return Answers.Data(DeadLetterAnswer.Of(row));
    }

    private static async Task<IResult> RedeliverAllAsync(
        HttpContext context, string id, InstanceAuthorization authorization, ConsumerDirectory consumers, DeadLetters letters)
    {
        var all = await AllAsync(context, id, authorization, consumers);
        if (all.Consumer is { } consumer)
            await letters.RedeliverAsync(consumer, all.Sequences, context.RequestAborted);
        return Answers.Data(new RedeliveredAnswer(all.Sequences.Count));
    }

    private static async Task<IResult> DeleteAsync(
        HttpContext context, string id, string eventId, InstanceAuthorization authorization, ConsumerDirectory consumers, DeadLetters letters)
    {
        var (consumer, sequence) = await RequireLetterAsync(context, id, eventId, authorization, consumers);
        await letters.DeleteAsync(consumer, [sequence], context.RequestAborted);
        return Answers.Data(new DeletedAnswer(Deleted: 1));
    }

    private static async Task<IResult> DeleteAllAsync(
        HttpContext context, string id, InstanceAuthorization authorization, ConsumerDirectory consumers, DeadLetters letters)
    {
        var all = await AllAsync(context, id, authorization, consumers);
        if (all.Consumer is { } consumer)
            await letters.DeleteAsync(consumer, all.Sequences, context.RequestAborted);
        return Answers.Data(new DeletedAnswer(all.Sequences.Count));
    }

    /// <summary>Rows whose letter was acked in the last second are no letters any more, though they are still there.</summary>
    private static async Task<(List<DeadLetterRow> Letters, bool HasMore)> ReadPageAsync(
        DeadLetterStore store, Consumer consumer, long after, int limit, CancellationToken cancellationToken)
    {
        var (letters, bytes) = (new List<DeadLetterRow>(), 0L);
        while (true)
        {
            var rows = await store.ReadPageAsync(consumer.Key, after, ReadAtOnce, cancellationToken);
            foreach (var row in rows)
            {
                after = row.Sequence;
                if (!consumer.ReadLetters(index => index.Contains(row.Sequence)))
                    continue;
                if (letters.Count == limit || (bytes + row.Envelope.Length > MaxPageBytes && letters.Count > 0))
                    return (letters, HasMore: true);
                letters.Add(row);
                bytes += row.Envelope.Length;
            }

            if (rows.Count < ReadAtOnce)
                return (letters, HasMore: false);
        }
    }

    private static async Task<(Consumer Consumer, long Sequence)> RequireLetterAsync(
        HttpContext context, string id, string eventId, InstanceAuthorization authorization, ConsumerDirectory consumers)
    {
        var (position, consumerName) = (Log.Cursor.ReadForm(eventId, "The event id in the path"), ReadConsumer(context));
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        var consumer = await FindAsync(consumers, instance.Id, consumerName, context.RequestAborted);
        var sequence = position.Sequence;
        return consumer is not null && position.BelongsTo(instance.Id) && consumer.ReadLetters(index => index.Contains(sequence))
            ? (consumer, sequence)
            : throw ConsumerProblems.LetterNotFound(eventId, consumerName).ToException();
    }

    private static async Task<(Consumer? Consumer, IReadOnlyList<long> Sequences)> AllAsync(
        HttpContext context, string id, InstanceAuthorization authorization, ConsumerDirectory consumers)
    {
        var consumerName = ReadConsumer(context);
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        var consumer = await FindAsync(consumers, instance.Id, consumerName, context.RequestAborted);
        return (consumer, consumer?.ReadLetters(index => index.Sequences()) ?? []);
    }

    /// <summary>The consumer; null for <c>default</c> before its first connection, which everybody has.</summary>
    private static async Task<Consumer?> FindAsync(ConsumerDirectory consumers, InstanceId instance, string name, CancellationToken cancellationToken)
    {
        var consumer = await consumers.FindAsync(new ConsumerKey(instance, name), cancellationToken);
        return consumer is not null || name == ConsumerName.Default ? consumer : throw ConsumerProblems.NotFound(name).ToException();
    }

    private static string ReadConsumer(HttpContext context)
    {
        var name = Query.Get(context, "consumer") ?? ConsumerName.Default;
        return ConsumerName.IsValid(name) && name != ConsumerName.Ephemeral ? name : throw ConsumerProblems.InvalidName.ToException();
    }
}
