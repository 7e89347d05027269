using System.Text.Json.Serialization;

namespace VZaps.Gateway.Instances;

/// <summary>An instance as its owner reads it.</summary>
internal sealed record InstanceAnswer
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>The instance token: in the answers to its making and its rotation, and never again.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Token { get; init; }

    public string? Webhook { get; init; }

    public required IReadOnlyList<string> EventsSubscribe { get; init; }

    public bool Connected { get; init; }

    /// <summary>The number of its account in digits; absent while no source told it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PhoneNumber { get; init; }

    /// <summary>When something last came from a source of it; absent for never.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? LastSeenAt { get; init; }

    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    public required string CreatedAt { get; init; }

    public required string UpdatedAt { get; init; }

    public static InstanceAnswer Of(Instance instance, InstanceSighting sighting, string? token = null) => new()
    {
        Id = instance.Id.Value,
        Name = instance.Name,
        Token = token,
        Webhook = instance.Webhook,
        EventsSubscribe = instance.SubscribedEvents.Types().Select(type => type.Name).ToList(),
        Connected = instance.Connected,
        PhoneNumber = sighting.PhoneNumber,
        LastSeenAt = sighting.LastSeenAt is { } seen ? Rfc3339.ToText(seen) : null,
        Labels = instance.Labels,
        CreatedAt = Rfc3339.ToText(instance.CreatedAt),
        UpdatedAt = Rfc3339.ToText(instance.UpdatedAt),
    };

    // A record would print the token.
    public override string ToString() => Id;
}
