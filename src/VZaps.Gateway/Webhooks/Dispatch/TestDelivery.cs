using System.Text;
using System.Text.Json;
using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;

namespace VZaps.Gateway.Webhooks;

/// <summary>What came of a test.</summary>
/// <param name="EventId">The id that was sent; no event has it.</param>
/// <param name="Success">Whether the endpoint took it.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="Request">What was sent.</param>
internal sealed record TestAnswer(string EventId, bool Success, AttemptAnswer Attempt, LogRequestAnswer Request);

/// <summary>
/// <c>POST /instances/{id}/webhooks/{name}/test</c>: posts an event that never happened and answers with what came of it. It is in no log, and changes nothing of
/// how the endpoint does; it may be disabled.
/// </summary>
internal static class TestDelivery
{
    // No event of an instance will ever have it.
    private const long Sequence = (1L << 48) - 1;

    public static void MapTestDelivery(this IEndpointRouteBuilder routes) => routes
        .MapPost("/instances/{id}/webhooks/{name}/test", SendAsync)
        .WithName("testWebhook").WithTags("Webhooks").WithSummary("Post a test event to an endpoint and see what it answers")
        .RequiresCredentials(CredentialRequirement.OfInstance)
        .Produces<DataAnswer<TestAnswer>>().ProducesProblems(400, 401, 404, 409);

    private static async Task<IResult> SendAsync(
        HttpContext context, string id, string name, InstanceAuthorization authorization, EndpointDirectory endpoints, WebhookPost post, TimeProvider time)
    {
        var instance = await authorization.AuthorizeInstanceAsync(context, id);
        var endpoint = EndpointRoutes.Require(endpoints, instance.Id, name);
        var settings = endpoint.Settings;
        if (settings.Url is null)
            throw EndpointProblems.NoUrl(name).ToException();
        var posted = Event(instance.Id, time.GetUtcNow());
        var result = await post.SendAsync(settings, instance.Id, posted, attempt: 1, context.RequestAborted, ("vzaps-test", "true"));
        var row = DeliveryOutcome.Log(deliveryId: 0, result, isManual: true);
        return Answers.Data(new TestAnswer(
            posted.Id,
            result.IsSuccess,
            AttemptAnswer.Of(row),
            new LogRequestAnswer(
                result.Url, JsonSerializer.SerializeToElement(result.RequestHeaders), JsonSerializer.Deserialize<JsonElement>(posted.Body(settings.Body).Span))));
    }

    private static PostedEvent Event(InstanceId instance, DateTimeOffset now)
    {
        var position = EventPosition.Create(instance, now.ToUnixTimeMilliseconds(), Sequence);
        var data = Encoding.UTF8.GetBytes(
            """{"type":"Message","test":true,"event":{"Info":{"Chat":"0@s.whatsapp.net","Sender":"0@s.whatsapp.net"},"Message":{"conversation":"A test of the webhook."}}}""");
        var envelope = new byte[EnvelopeWriter.Measure(EventType.Message, data.Length)];
        EnvelopeWriter.Write(EventType.Message, instance, now, [], data, envelope);
        EnvelopeWriter.FillId(envelope, position);
        return new PostedEvent(position.ToString(), EventType.Message.Index, envelope);
    }
}
