using System.Text.Json;

namespace VZaps.Client.Publishing;

/// <summary>One published event as it goes over the wire.</summary>
internal sealed record PublishBody(EventType Type, JsonElement Data, string? CreatedAt, string? IdempotencyKey);
