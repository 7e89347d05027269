using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Delivery;

/// <summary>Where to move a consumer: one of the first three.</summary>
internal sealed class SeekRequest
{
    /// <summary>It goes on after this event.</summary>
    public string? EventId { get; init; }

    /// <summary>It goes on with the first event appended at or after this time.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary><c>start</c> or <c>end</c>.</summary>
    public string? To { get; init; }

    /// <summary>Whether live connections are closed for it.</summary>
    public bool? Force { get; init; }
}

/// <summary>A consumer that is gone.</summary>
internal sealed record ForgottenAnswer(string Name, bool Forgotten);

/// <summary><c>/instances/{id}/consumers</c>: who reads, how far behind, and moving or forgetting them.</summary>
internal static class ConsumerRoutes
{
    private const string Path = "/instances/{id}/consumers";

    public static void MapConsumers(this IEndpointRouteBuilder routes)
    {
        Describe(routes.MapGet(Path, ListAsync), "listConsumers", "The instance's consumers, with their lag and live connections")
            .Produces<DataAnswer<IReadOnlyList<ConsumerAnswer>>>().ProducesProblems(400, 401, 404);
        Describe(routes.MapPost(Path + "/{name}/seek", SeekAsync), "seekConsumer", "Move a consumer, to read again or to skip")
            .AcceptsBody<SeekRequest>().Produces<DataAnswer<ConsumerAnswer>>().ProducesProblems(400, 401, 404, 409);
        Describe(routes.MapDelete(Path + "/{name}", ForgetAsync), "forgetConsumer", "Forget a consumer and its dead letters")
            .Produces<DataAnswer<ForgottenAnswer>>().ProducesProblems(400, 401, 404, 409);
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route, string name, string summary) =>
        route.WithName(name).WithTags("Consumers").WithSummary(summary).RequiresCredentials(CredentialRequirement.OfInstance);

    private static async Task<IResult> ListAsync(
        HttpContext context, string id, InstanceAuthorization authorization, ConsumerDirectory consumers, IEventLog log, TimeProvider time)
    {
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        var all = await consumers.AllOfAsync(instance.Id, context.RequestAborted);
        return Answers.Data<IReadOnlyList<ConsumerAnswer>>([.. all.Select(consumer => ConsumerAnswer.Of(consumer, log, time.GetUtcNow()))]);
    }

    private static async Task<IResult> SeekAsync(
        HttpContext context, string id, string name, InstanceAuthorization authorization, ConsumerDirectory consumers, ConsumerMove move, IEventLog log, TimeProvider time)
    {
        var request = await WireJson.ReadAsync<SeekRequest>(context, context.RequestAborted);
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        var target = TargetOf(request, instance.Id, log);
        var consumer = await RequireAsync(consumers, instance.Id, name, context.RequestAborted);
        await move.SeekAsync(consumer, target, request.Force ?? ReadForce(context), context.RequestAborted);
        return Answers.Data(ConsumerAnswer.Of(consumer, log, time.GetUtcNow()));
    }

    private static async Task<IResult> ForgetAsync(
        HttpContext context, string id, string name, InstanceAuthorization authorization, ConsumerDirectory consumers, ConsumerMove move)
    {
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        var force = ReadForce(context);
        var consumer = await RequireAsync(consumers, instance.Id, name, context.RequestAborted);
        await move.ForgetAsync(consumer, force, context.RequestAborted);
        return Answers.Data(new ForgottenAnswer(name, Forgotten: true));
    }

    private static long TargetOf(SeekRequest request, InstanceId instance, IEventLog log)
    {
        var range = log.GetRange(instance);
        return request switch
        {
            { EventId: { } eventId, Time: null, To: null } => Cursor.Read(eventId, instance, log, "event_id").Sequence,
            { EventId: null, Time: { } at, To: null } => log.FindSequenceBefore(instance, at),
            { EventId: null, Time: null, To: "start" } => range.FirstSequence - 1,
            { EventId: null, Time: null, To: "end" } => range.LastSequence,
            _ => throw ConsumerProblems.InvalidSeek.ToException(),
        };
    }

    private static async Task<Consumer> RequireAsync(ConsumerDirectory consumers, InstanceId instance, string name, CancellationToken cancellationToken)
    {
        var consumer = ConsumerName.IsValid(name) ? await consumers.FindAsync(new ConsumerKey(instance, name), cancellationToken) : null;
        return consumer ?? throw ConsumerProblems.NotFound(name).ToException();
    }

    private static bool ReadForce(HttpContext context) => Query.Get(context, "force") switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw ConsumerProblems.InvalidForce.ToException(),
    };
}
