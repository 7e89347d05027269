using Microsoft.Extensions.Options;
using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Outbound;

namespace VZaps.Gateway.Webhooks;

/// <summary><c>/instances/{id}/webhook</c> and <c>/instances/{id}/webhooks</c>: where events are posted to.</summary>
internal static class EndpointRoutes
{
    private const string ClassicPath = "/instances/{id}/webhook", Path = "/instances/{id}/webhooks";

    public static void MapEndpoints(this IEndpointRouteBuilder routes)
    {
        Describe(routes.MapGet(ClassicPath, GetClassicAsync), "getWebhook", "The endpoint named default")
            .Produces<DataAnswer<EndpointAnswer>>().ProducesProblems(400, 401, 404);
        Describe(routes.MapPost(ClassicPath, SetClassicAsync), "setWebhook", "Set the endpoint named default")
            .AcceptsBody<EndpointRequest>().Produces<DataAnswer<EndpointAnswer>>().ProducesProblems(400, 401, 404);
        Describe(routes.MapGet(Path, ListAsync), "listWebhooks", "The instance's endpoints, by name")
            .Produces<DataAnswer<IReadOnlyList<EndpointAnswer>>>().ProducesProblems(400, 401, 404);
        Describe(routes.MapPost(Path, CreateAsync), "createWebhook", "Make an endpoint")
            .AcceptsBody<NewEndpointRequest>().Produces<DataAnswer<EndpointAnswer>>().ProducesProblems(400, 401, 404, 409);
        Describe(routes.MapGet(Path + "/{name}", GetAsync), "getWebhookEndpoint", "One endpoint")
            .Produces<DataAnswer<EndpointAnswer>>().ProducesProblems(400, 401, 404);
        Describe(routes.MapPost(Path + "/{name}", SetAsync), "setWebhookEndpoint", "Set an endpoint; it is made where there is none")
            .AcceptsBody<EndpointRequest>().Produces<DataAnswer<EndpointAnswer>>().ProducesProblems(400, 401, 404);
        Describe(routes.MapDelete(Path + "/{name}", DeleteAsync), "deleteWebhookEndpoint", "Delete an endpoint; what it has pending is cancelled, and its logs stay")
            .Produces<DataAnswer<DeletedEndpointAnswer>>().ProducesProblems(400, 401, 404);
        Describe(routes.MapPost(Path + "/{name}/secret/rotate", RotateAsync), "rotateWebhookSecret", "Give an endpoint a new secret; the old one signs too for 24 h")
            .Produces<DataAnswer<EndpointAnswer>>().ProducesProblems(400, 401, 404);
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route, string name, string summary) =>
        route.WithName(name).WithTags("Webhooks").WithSummary(summary).RequiresCredentials(CredentialRequirement.OfInstance);

    /// <summary>An endpoint that has to be there.</summary>
    /// <exception cref="ProblemException">404.</exception>
    public static WebhookEndpoint Require(EndpointDirectory endpoints, InstanceId instance, string name) =>
        endpoints.Find(instance, name) ?? throw EndpointProblems.NotFound(name).ToException();

    private static async Task<IResult> GetClassicAsync(
        HttpContext context, string id, InstanceAuthorization authorization, EndpointDirectory endpoints, EndpointAnswers answers)
    {
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        return Answers.Data(endpoints.Find(instance.Id, WebhookEndpoint.DefaultName) is { } endpoint
            ? await answers.OfAsync(endpoint, context.RequestAborted)
            : EndpointAnswers.NoDefault(instance));
    }

    private static async Task<IResult> SetClassicAsync(
        HttpContext context, string id, InstanceAuthorization authorization, EndpointDirectory endpoints, EndpointAnswers answers, OutboundUrl urls)
    {
        var request = await WireJson.ReadAsync<EndpointRequest>(context, context.RequestAborted);
        return await SaveAsync(context, id, WebhookEndpoint.DefaultName, request, mustBeNew: false, authorization, endpoints, answers, urls);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, string id, InstanceAuthorization authorization, EndpointDirectory endpoints, EndpointAnswers answers)
    {
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        var all = new List<EndpointAnswer>();
        foreach (var endpoint in endpoints.AllOf(instance.Id))
            all.Add(await answers.OfAsync(endpoint, context.RequestAborted));
        return Answers.Data<IReadOnlyList<EndpointAnswer>>(all);
    }

    private static async Task<IResult> CreateAsync(
        HttpContext context, string id, InstanceAuthorization authorization, EndpointDirectory endpoints, EndpointAnswers answers, OutboundUrl urls)
    {
        var request = await WireJson.ReadAsync<NewEndpointRequest>(context, context.RequestAborted);
        return await SaveAsync(context, id, request.Name ?? "", request, mustBeNew: true, authorization, endpoints, answers, urls);
    }

    private static async Task<IResult> GetAsync(
        HttpContext context, string id, string name, InstanceAuthorization authorization, EndpointDirectory endpoints, EndpointAnswers answers)
    {
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        return Answers.Data(await answers.OfAsync(Require(endpoints, instance.Id, name), context.RequestAborted));
    }

    private static async Task<IResult> SetAsync(
        HttpContext context, string id, string name, InstanceAuthorization authorization, EndpointDirectory endpoints, EndpointAnswers answers, OutboundUrl urls)
    {
        var request = await WireJson.ReadAsync<EndpointRequest>(context, context.RequestAborted);
        return await SaveAsync(context, id, name, request, mustBeNew: false, authorization, endpoints, answers, urls);
    }

    private static async Task<IResult> SaveAsync(
        HttpContext context, string id, string name, EndpointRequest request, bool mustBeNew,
        InstanceAuthorization authorization, EndpointDirectory endpoints, EndpointAnswers answers, OutboundUrl urls)
    {
        if (!ConsumerName.IsValid(name))
            throw EndpointProblems.InvalidName.ToException();
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        // Only for those who may set it: the answer says something of a name's addresses.
        if (request.Url is { } url)
            request.WebhookUrl = (await urls.CheckAsync(url, context.RequestAborted)).OriginalString;
        var endpoint = await endpoints.SetAsync(instance.Id, name, request, mustBeNew, context.RequestAborted);
        return Answers.Data(await answers.OfAsync(endpoint, context.RequestAborted));
    }

    private static async Task<IResult> DeleteAsync(
        HttpContext context, string id, string name, InstanceAuthorization authorization, EndpointDirectory endpoints, DeliveryStore deliveries)
    {
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        var endpoint = Require(endpoints, instance.Id, name);
        if (!await endpoints.DeleteAsync(endpoint, context.RequestAborted))
            throw EndpointProblems.NotFound(name).ToException();
        return Answers.Data(new DeletedEndpointAnswer(name, Deleted: true, await deliveries.CancelPendingAsync(endpoint.Id, CancellationToken.None)));
    }

    private static async Task<IResult> RotateAsync(
        HttpContext context, string id, string name, InstanceAuthorization authorization, EndpointDirectory endpoints, EndpointAnswers answers, IOptions<WebhookOptions> options)
    {
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        var endpoint = Require(endpoints, instance.Id, name);
        await endpoints.RotateAsync(endpoint, options.Value.OldSecretFor, context.RequestAborted);
        return Answers.Data(await answers.OfAsync(endpoint, context.RequestAborted));
    }
}
