using Microsoft.EntityFrameworkCore;
using VZaps.Gateway.Accounts;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Instances;

/// <summary>The account's routes over its instances: make, list, get, change, delete, and a new token.</summary>
/// <remarks>What can be refused for its form is refused first, then who may not do it, then what is not there.</remarks>
internal static class InstanceRoutes
{
    public static void MapInstanceRoutes(this IEndpointRouteBuilder routes)
    {
        Describe(routes.MapPut("/instances/create", CreateAsync), "Makes an instance; the answer alone shows its token.")
            .AcceptsBody<CreateInstanceRequest>().Produces<InstanceAnswer>(201).ProducesProblems(400, 401);
        Describe(routes.MapPost("/instances/list", ListAsync), "Lists the account's instances, a page at a time.")
            .AcceptsBody<InstanceListRequest>().Produces<InstanceListAnswer>().ProducesProblems(400, 401);
        Describe(routes.MapPost("/instances/get", GetAsync), "One instance.")
            .AcceptsBody<GetInstanceRequest>().Produces<InstanceAnswer>().ProducesProblems(400, 401, 404);
        Describe(routes.MapPatch("/instances/{id}", UpdateAsync), "Changes the fields that the body has.")
            .AcceptsBody<UpdateInstanceRequest>().Produces<InstanceAnswer>().ProducesProblems(400, 401, 404);
        Describe(routes.MapDelete("/instances/{id}", DeleteAsync), "Deletes an instance and closes its connections (4004).")
            .Produces(204).ProducesProblems(400, 401, 404);
        Describe(routes.MapPost("/instances/{id}/token/rotate", RotateAsync), "Gives an instance a new token and closes its connections (4001).")
            .Produces<InstanceAnswer>().ProducesProblems(400, 401, 404);
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route, string summary) =>
        route.WithTags("Instances").WithSummary(summary).RequiresCredentials(CredentialRequirement.OfAccount);

    private static async Task<IResult> CreateAsync(
        HttpContext context, InstanceAuthorization authorization, InstanceDirectory instances, IWebhookField webhooks)
    {
        var asked = (await WireJson.ReadAsync<CreateInstanceRequest>(context, context.RequestAborted)).ToInstance();
        var account = await authorization.AuthorizeAccountAsync(context);
        var token = Secret.New("vzi_");
        try
        {
            var wanted = asked with { Owner = account.ClientToken, TokenHash = Secret.HashOf(token) };
            var made = wanted.Webhook is null
                ? await instances.CreateAsync(wanted, context.RequestAborted)
                : await webhooks.CreateAsync(wanted, context.RequestAborted);
            return Answers.Bare(InstanceAnswer.Of(made, sighting: default, token), StatusCodes.Status201Created);
        }
        catch (DbUpdateException)
        {
            // Refused by the foreign key if the account was removed between the check and the commit.
            if (await authorization.StillExistsAsync(account, context.RequestAborted))
                throw;
            throw AccountProblems.InvalidAccessToken.ToException();
        }
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, InstanceAuthorization authorization, InstanceDirectory instances, IInstanceSightings sightings)
    {
        var request = await WireJson.ReadOrDefaultAsync<InstanceListRequest>(context, context.RequestAborted);
        InstanceListing.Check(request);
        var account = await authorization.AuthorizeAccountAsync(context);
        return Answers.Bare(InstanceListing.List(instances.All.Where(instance => instance.Owner == account.ClientToken), request, sightings));
    }

    private static async Task<IResult> GetAsync(HttpContext context, InstanceAuthorization authorization, IInstanceSightings sightings)
    {
        var request = await WireJson.ReadAsync<GetInstanceRequest>(context, context.RequestAborted);
        if (request.Id is null)
            throw HttpProblems.InvalidBody("The body needs 'id', the instance's id.").ToException();
        var instance = await authorization.AuthorizeOwnerAsync(context, request.Id);
        return Answers.Bare(InstanceAnswer.Of(instance, sightings.SightingOf(instance.Id)));
    }

    private static async Task<IResult> UpdateAsync(
        HttpContext context, string id, InstanceAuthorization authorization, InstanceDirectory instances, IWebhookField webhooks, IInstanceSightings sightings)
    {
        var request = await WireJson.ReadAsync<UpdateInstanceRequest>(context, context.RequestAborted);
        var change = request.ToChange();
        var instance = await authorization.AuthorizeOwnerAsync(context, id);
        var changed = (request.WebhookGiven
            ? await webhooks.UpdateAsync(instance.Id, change, request.Webhook, context.RequestAborted)
            : await instances.UpdateAsync(instance.Id, change, context.RequestAborted))
            ?? throw InstanceProblems.NotFound(instance.Id).ToException();
        return Answers.Bare(InstanceAnswer.Of(changed, sightings.SightingOf(changed.Id)));
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string id, InstanceAuthorization authorization, InstanceDirectory instances)
    {
        var instance = await authorization.AuthorizeOwnerAsync(context, id);
        return await instances.DeleteAsync(instance.Id, context.RequestAborted)
            ? Results.NoContent()
            : throw InstanceProblems.NotFound(instance.Id).ToException();
    }

    private static async Task<IResult> RotateAsync(
        HttpContext context, string id, InstanceAuthorization authorization, InstanceDirectory instances, IInstanceSightings sightings)
    {
        var instance = await authorization.AuthorizeOwnerAsync(context, id);
        var token = Secret.New("vzi_");
        var rotated = await instances.RotateTokenAsync(instance.Id, token, context.RequestAborted)
            ?? throw InstanceProblems.NotFound(instance.Id).ToException();
        return Answers.Bare(InstanceAnswer.Of(rotated, sightings.SightingOf(rotated.Id), token));
    }
}
