using System.Text.Json;
using System.Text.Json.Serialization;

namespace VZaps;

/// <summary>Where an instance's events are posted to, as the server described it: the endpoint named <c>default</c>.</summary>
public sealed record VZapsWebhook
{
    /// <summary>The address; null where there is none.</summary>
    public string? WebhookUrl { get; init; }

    /// <summary>The types that are posted.</summary>
    public IReadOnlyList<EventType> Events { get => field ?? []; init; }

    /// <summary>The secret that signs the posts (<c>whsec_…</c>); null where the server gave none.</summary>
    public string? Secret { get; init; }

    /// <summary>What else the server said, for servers newer than this library.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }

    /// <summary>
    /// This state as a request, to change a part of it: <c>webhook.ToRequest() with { Events = … }</c>. What this library does not know goes along; the secret
    /// does not.
    /// </summary>
    public SetWebhookRequest ToRequest() => new() { WebhookUrl = WebhookUrl, Events = Events, Extra = Extra };

    /// <summary>All but the secret.</summary>
    public override string ToString() => $"{WebhookUrl ?? "no webhook"} ({string.Join(',', Events)})";
}
