using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;

namespace VZaps.Gateway.Webhooks;

/// <summary><c>/instances/{id}/webhook/logs/retry</c> and <c>/webhook/jobs</c>: everything that a filter lets through once more.</summary>
internal static class RetryJobRoutes
{
    public static void MapRetryJobs(this IEndpointRouteBuilder routes)
    {
        Describe(routes.MapPost("/instances/{id}/webhook/logs/retry", BeginAsync), "retryWebhookLogs", "Deliver again everything that a filter lets through, also events that were never attempted")
            .AcceptsBody<LogSearchRequest>().Produces<DataAnswer<RetryJobAnswer>>(202).ProducesProblems(400, 401, 404, 409);
        Describe(routes.MapGet("/instances/{id}/webhook/jobs/{jobId}", GetAsync), "getWebhookJob", "How far such a job has come")
            .Produces<DataAnswer<RetryJobAnswer>>().ProducesProblems(400, 401, 404);
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route, string name, string summary) =>
        route.WithName(name).WithTags("Webhook logs").WithSummary(summary).RequiresCredentials(CredentialRequirement.OfInstance);

    private static async Task<IResult> BeginAsync(
        HttpContext context, string id, InstanceAuthorization authorization, RetryJobs jobs, EndpointDirectory endpoints, DeliveryStore deliveries)
    {
        var request = await WireJson.ReadOrDefaultAsync<LogSearchRequest>(context, context.RequestAborted);
        if (request.ToFilter() is { Status: null, HttpStatus: null, Sequence: null, From: null })
            throw RetryJobProblems.NoFilter.ToException();
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        request.RequireEventOf(instance.Id);
        var job = await jobs.BeginAsync(instance.Id, request, context.RequestAborted);
        return Answers.Data(RetryJobAnswer.Of(job, await WaitingAsync(instance.Id, endpoints, deliveries, context.RequestAborted)), StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> GetAsync(
        HttpContext context, string id, string jobId, InstanceAuthorization authorization, RetryJobs jobs, EndpointDirectory endpoints, DeliveryStore deliveries)
    {
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        var job = await jobs.FindAsync(instance.Id, jobId, context.RequestAborted) ?? throw RetryJobProblems.NotFound.ToException();
        return Answers.Data(RetryJobAnswer.Of(job, await WaitingAsync(instance.Id, endpoints, deliveries, context.RequestAborted)));
    }

    private static async Task<int> WaitingAsync(InstanceId instance, EndpointDirectory endpoints, DeliveryStore deliveries, CancellationToken cancellationToken)
    {
        var waiting = 0;
        foreach (var endpoint in endpoints.AllOf(instance))
            waiting += await deliveries.CountManualAsync(endpoint.Id, cancellationToken);
        return waiting;
    }
}
