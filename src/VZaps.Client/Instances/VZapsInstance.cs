using System.Text.Json;
using System.Text.Json.Serialization;

namespace VZaps;

/// <summary>One WhatsApp connection, as the server described it.</summary>
public sealed record VZapsInstance
{
    /// <summary>Its id: <c>VZ</c> and 32 of A-Z0-9.</summary>
    public string Id { get => field ?? ""; init; }

    /// <summary>Its name.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>Its secret; only in the answers to creating it and to rotating the token, null otherwise.</summary>
    public string? Token { get; init; }

    /// <summary>Where its events are posted to; null for nowhere.</summary>
    public string? Webhook { get; init; }

    /// <summary>What subscriptions without a list of types receive.</summary>
    public IReadOnlyList<EventType> EventsSubscribe { get => field ?? []; init; }

    /// <summary>Names and values of your own; null where the server gave none.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Whether it is connected to WhatsApp.</summary>
    public bool Connected { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>What else the server said, for servers newer than this library.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }

    /// <summary>
    /// This state as a request, to change a part of it: <c>instance.ToUpdate() with { Name = … }</c>. What this library does not know goes along; the token
    /// does not.
    /// </summary>
    public UpdateInstanceRequest ToUpdate() => new() { Name = Name, Webhook = Webhook, EventsSubscribe = EventsSubscribe, Labels = Labels, Extra = Extra };

    /// <summary>Name and id; never the token.</summary>
    public override string ToString() => $"{Name} ({Id})";
}
