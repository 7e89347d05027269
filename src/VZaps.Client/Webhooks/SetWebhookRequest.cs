using System.Text.Json;
using System.Text.Json.Serialization;

namespace VZaps;

/// <summary>Where an instance's events are to be posted to.</summary>
public sealed record SetWebhookRequest
{
    /// <summary>The address, <c>http</c> or <c>https</c>. One that leads into a private network is refused unless the operator allowed it.</summary>
    public string? WebhookUrl { get; init; }

    /// <summary>The types to post; null leaves them as they are.</summary>
    public IReadOnlyList<EventType>? Events { get; init; }

    /// <summary>Further fields, sent as they are, for servers newer than this library.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}
