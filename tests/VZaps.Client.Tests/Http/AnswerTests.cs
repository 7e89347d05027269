using System.Reflection;
using System.Text.Json;
using VZaps.Client.Http;

namespace VZaps.Client.Tests.Http;

public sealed class AnswerTests
{
    public static TheoryData<Type> Answers =>
    [
        typeof(VZapsInstance), typeof(InstancePage), typeof(PublishResult), typeof(VZapsWebhook), typeof(WebhookEndpoint), typeof(WebhookLog), typeof(WebhookLogRequest),
        typeof(WebhookLogPage), typeof(WebhookRetryJob), typeof(WebhookTest), typeof(EventDeliveries), typeof(EndpointDelivery), typeof(ConsumerDelivery),
    ];

    [Theory]
    [MemberData(nameof(Answers))]
    public void What_a_server_leaves_out_is_empty_and_not_null(Type answer)
    {
        var nullability = new NullabilityInfoContext();
        foreach (var json in (string[])["{}", NullsOf(answer)])
        {
            var read = JsonSerializer.Deserialize(json, answer, ClientJson.Default)!;
            foreach (var property in answer.GetProperties().Where(property => !property.PropertyType.IsValueType && nullability.Create(property).ReadState == NullabilityState.NotNull))
                Assert.True(property.GetValue(read) is not null, $"{property.Name} of {json}");
        }
    }

    private static string NullsOf(Type answer) => JsonSerializer.Serialize(answer.GetProperties()
        .Where(property => !property.PropertyType.IsValueType && property.Name != "Extra")
        .ToDictionary(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name), object? (_) => null));
}
