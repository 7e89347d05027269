using System.Text.Json.Serialization;
using VZaps.Client.Media;
using VZaps.Client.Publishing;

namespace VZaps.Client.Http;

/// <summary>Source-generated JSON of requests and answers: snake_case, nulls left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(EventTypeConverter), typeof(MediaStatusConverter)])]
[JsonSerializable(typeof(CreateInstanceRequest))]
[JsonSerializable(typeof(UpdateInstanceRequest))]
[JsonSerializable(typeof(ListInstancesRequest))]
[JsonSerializable(typeof(InstanceIdBody))]
[JsonSerializable(typeof(VZapsInstance))]
[JsonSerializable(typeof(InstancePage))]
[JsonSerializable(typeof(List<PublishBody>))]
[JsonSerializable(typeof(PublishBody))]
[JsonSerializable(typeof(PublishResult))]
[JsonSerializable(typeof(VZapsWebhook))]
[JsonSerializable(typeof(SetWebhookRequest))]
[JsonSerializable(typeof(WebhookLogSearch))]
[JsonSerializable(typeof(WebhookLog))]
[JsonSerializable(typeof(WebhookLogPage))]
[JsonSerializable(typeof(WebhookTest))]
[JsonSerializable(typeof(WebhookEndpoint))]
[JsonSerializable(typeof(List<WebhookEndpoint>))]
[JsonSerializable(typeof(SetWebhookEndpointRequest))]
[JsonSerializable(typeof(WebhookRetryJob))]
[JsonSerializable(typeof(EventDeliveries))]
[JsonSerializable(typeof(RenewedMedia))]
[JsonSerializable(typeof(MediaItem))]
[JsonSerializable(typeof(MediaPage))]
[JsonSerializable(typeof(FetchedAgain))]
internal sealed partial class ClientJson : JsonSerializerContext;
