using System.Text.Json.Serialization;

namespace VZaps.Cli.Consumers;

/// <summary>Source-generated JSON of the consumers' routes.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(List<Consumer>))]
[JsonSerializable(typeof(Seek))]
[JsonSerializable(typeof(Forgotten))]
internal sealed partial class ConsumersJson : JsonSerializerContext;
