using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Webhooks;

/// <summary><c>/instances/{id}/webhook/logs</c>: what became of each delivery, and delivering one again.</summary>
/// <remarks>What can be refused for its form is refused first, then who may not do it, then what is not there.</remarks>
internal static class LogRoutes
{
    private const string Path = "/instances/{id}/webhook/logs";

    public static void Map(IEndpointRouteBuilder routes)
    {
        Describe(routes.MapPost(Path + "/search", SearchAsync), "searchWebhookLogs", "Find delivery logs, newest first, a page at a time")
            .AcceptsBody<LogSearchRequest>().Produces<DataAnswer<LogPageAnswer>>().ProducesProblems(400, 401, 404);
        Describe(routes.MapGet(Path + "/{logId}", GetAsync), "getWebhookLog", "One delivery log with what was sent and all attempts")
            .Produces<DataAnswer<WholeLogAnswer>>().ProducesProblems(400, 401, 404);
        Describe(routes.MapPost(Path + "/{logId}/retry", RetryAsync), "retryWebhookLog", "Deliver the event of a log once more, whatever became of it")
            .Produces<DataAnswer<WholeLogAnswer>>().ProducesProblems(400, 401, 404, 409);
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route, string name, string summary) =>
        route.WithName(name).WithTags("Webhook logs").WithSummary(summary).RequiresCredentials(CredentialRequirement.OfInstance);

    private static async Task<IResult> SearchAsync(HttpContext context, string id, InstanceAuthorization authorization, LogSearch logs)
    {
        var request = await WireJson.ReadOrDefaultAsync<LogSearchRequest>(context, context.RequestAborted);
        var (filter, place) = (request.ToFilter(), request.ToPlace());
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        request.RequireEventOf(instance.Id);
        var found = await logs.SearchAsync(instance.Id, filter, place, context.RequestAborted);
        // Everybody has the classic route's one, whether it was ever set or not.
        if (found is null && filter.Endpoint != WebhookEndpoint.DefaultName)
            throw EndpointProblems.NotFound(filter.Endpoint!).ToException();
        return Answers.Data(LogPageAnswer.Of(found ?? new FoundLogs([], place.After is null ? 0 : null, HasMore: false), place));
    }

    private static async Task<IResult> GetAsync(
        HttpContext context, string id, string logId, InstanceAuthorization authorization, LogSearch logs, LoggedEvents events)
    {
        var (instance, log) = await RequireAsync(context, id, logId, authorization, logs);
        return Answers.Data(await AnswerAsync(instance, log, events, context.RequestAborted));
    }

    private static async Task<IResult> RetryAsync(
        HttpContext context, string id, string logId, InstanceAuthorization authorization, LogSearch logs, LoggedEvents events, IManualRetries retries)
    {
        var (instance, log) = await RequireAsync(context, id, logId, authorization, logs);
        if (log.Endpoint.IsDeleted)
            throw LogProblems.EndpointDeleted(log.Endpoint.Name).ToException();
        if (await events.FindAsync(instance.Id, log.Delivery, context.RequestAborted) is null)
            throw LogProblems.EventGone(log.Delivery.EventId).ToException();
        if (!await retries.AskAsync(log.Endpoint.Id, log.Delivery.Id, context.RequestAborted))
            throw LogProblems.NotFound(logId).ToException();
        var now = await logs.FindAsync(instance.Id, log.Delivery.Id, context.RequestAborted) ?? throw LogProblems.NotFound(logId).ToException();
        return Answers.Data(await AnswerAsync(instance, now, events, context.RequestAborted));
    }

    private static async Task<(Instance Instance, FoundLog Log)> RequireAsync(
        HttpContext context, string id, string logId, InstanceAuthorization authorization, LogSearch logs)
    {
        if (!LogId.TryParse(logId, out var deliveryId))
            throw LogProblems.InvalidLogId("The log's id in the path").ToException();
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        return (instance, await logs.FindAsync(instance.Id, deliveryId, context.RequestAborted) ?? throw LogProblems.NotFound(logId).ToException());
    }

    private static async Task<WholeLogAnswer> AnswerAsync(Instance instance, FoundLog log, LoggedEvents events, CancellationToken cancellationToken) =>
        new(LogAnswer.Of(log), LogRequestAnswer.Of(log, await events.FindAsync(instance.Id, log.Delivery, cancellationToken)));
}
