using System.Text.Json;

namespace VZaps;

/// <summary>Events to append to an instance's log: all of them or none.</summary>
public sealed record EventPublishRequest
{
    /// <summary>The instance. Required.</summary>
    public string InstanceId { get; init; } = "";

    /// <summary>The instance's token, with which the access token is not needed; null to publish as the account.</summary>
    public string? InstanceToken { get; init; }

    /// <summary>1 to 1,000 events, 8 MiB together. Required.</summary>
    public IReadOnlyList<PublishEvent> Events { get; init; } = [];

    /// <summary>The file of the event, of which there is one then; null for none. A request made of this one by <c>with</c> has the same file, which goes with one call at a time.</summary>
    public PublishFile? File { get; init; }

    /// <summary>All but the token.</summary>
    public override string ToString() => $"{InstanceId}: {Events.Count} event(s)";
}

/// <summary>One event to publish.</summary>
public sealed record PublishEvent
{
    /// <summary>One of the nine types. Required.</summary>
    public EventType Type { get; init; }

    /// <summary>The payload, a JSON object. Required.</summary>
    public JsonElement Data { get; init; }

    /// <summary>When it happened; null for the time at which the server takes it.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>
    /// 1 to 256 bytes by which the server knows the event again for 8 days: give one, and a publish whose answer was lost can be
    /// sent again without a second event.
    /// </summary>
    public string? IdempotencyKey { get; init; }
}
