using Microsoft.EntityFrameworkCore;
using VZaps.Gateway.Delivery;
using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Log;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Webhooks;

/// <summary><c>GET /instances/{id}/events/{event_id}/deliveries</c>: what became of one event at every webhook endpoint and every consumer.</summary>
internal sealed class EventDeliveryRoute(
    IDbContextFactory<GatewayDatabase> databases, LogSearch logs, ConsumerDirectory consumers, DeadLetterStore letters, EndpointDirectory directory, IEventLog log)
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/instances/{id}/events/{eventId}/deliveries", (HttpContext context, string id, string eventId, InstanceAuthorization authorization, EventDeliveryRoute route) =>
            route.GetAsync(context, id, eventId, authorization))
        .WithName("getEventDeliveries").WithTags("Events")
        .WithSummary("What became of an event at every webhook endpoint and every consumer")
        .RequiresCredentials(CredentialRequirement.OfInstance)
        .Produces<DataAnswer<EventDeliveriesAnswer>>()
        .ProducesProblems(400, 401, 404);

    private async Task<IResult> GetAsync(HttpContext context, string id, string eventId, InstanceAuthorization authorization)
    {
        var position = Cursor.ReadForm(eventId, "The event id in the path");
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        Cursor.Require(position, instance.Id, log);
        return Answers.Data(await AnswerAsync(instance, position, context.RequestAborted));
    }

    private async Task<EventDeliveriesAnswer> AnswerAsync(Instance instance, EventPosition position, CancellationToken cancellationToken)
    {
        var sequence = position.Sequence;
        var isRetained = sequence >= log.GetRange(instance.Id).FirstSequence;
        var retained = isRetained ? await log.ReadOneAsync(instance.Id, sequence, cancellationToken) : null;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var endpoints = await database.Set<EndpointRow>().AsNoTracking().Where(row => row.Instance == instance.Id.Value).OrderBy(row => row.Name).ToListAsync(cancellationToken);
        // What it has passed without posting anything is saved later.
        endpoints.ForEach(row => row.Position = Math.Max(row.Position, directory.FindById(row.Id)?.Position ?? 0));
        var found = await logs.SearchAsync(instance.Id, new LogFilter { Sequence = sequence }, new LogPlace(1, endpoints.Count + 1, null), cancellationToken);
        var ofEndpoint = found!.Logs.Where(of => of.Delivery.EventId == position.ToString()).ToDictionary(of => of.Endpoint.Id);
        var ofConsumer = new List<(Consumer Consumer, DeadLetterRow? Letter)>();
        foreach (var consumer in await consumers.AllOfAsync(instance.Id, cancellationToken))
            ofConsumer.Add((consumer, await letters.FindAsync(consumer.Key, sequence, cancellationToken)));

        var type = retained?.TypeIndex ?? ofEndpoint.Values.FirstOrDefault()?.Delivery.TypeIndex ?? ofConsumer.Find(of => of.Letter is not null).Letter?.TypeIndex;
        return new EventDeliveriesAnswer(
            position.ToString(),
            type is { } index ? EventType.Known[index].Name : null,
            position.AppendedAt,
            retained is not null,
            [.. endpoints.Select(row => EndpointFate.Of(row, instance, sequence, type, ofEndpoint.GetValueOrDefault(row.Id))).OfType<EndpointDeliveryAnswer>()],
            [.. ofConsumer.Select(of => ConsumerFate.Of(of.Consumer, sequence, type, of.Letter))]);
    }
}
