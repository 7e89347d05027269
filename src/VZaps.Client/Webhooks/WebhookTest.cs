using System.Text.Json;
using System.Text.Json.Serialization;

namespace VZaps;

/// <summary>What came of a test of an endpoint.</summary>
public sealed record WebhookTest
{
    /// <summary>The id that was sent; no event has it.</summary>
    public string EventId { get => field ?? ""; init; }

    /// <summary>Whether the endpoint took it.</summary>
    public bool Success { get; init; }

    /// <summary>The attempt; null where the server did not say.</summary>
    public WebhookAttempt? Attempt { get; init; }

    /// <summary>What was sent; null where the server did not say.</summary>
    public WebhookLogRequest? Request { get; init; }

    /// <summary>What else the server said, for servers newer than this library.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}
