using System.Text.Json.Serialization;

namespace VZaps.Client.Hosting.Health;

/// <summary>A consumer as <c>GET /instances/{id}/consumers</c> tells of it; only what the check asks for.</summary>
internal sealed record ConsumerAnswer
{
    public string? Name { get; init; }

    public long? Lag { get; init; }

    public double? LagSeconds { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(List<ConsumerAnswer>))]
internal sealed partial class HealthJson : JsonSerializerContext;
