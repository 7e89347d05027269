using System.Text.Json.Serialization;

namespace VZaps.Cli.Publish;

/// <summary>Source-generated JSON of publishing.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PublishResult))]
[JsonSerializable(typeof(PublishedLine))]
internal sealed partial class PublishJson : JsonSerializerContext;

/// <summary>What <c>--json</c> prints of one event.</summary>
/// <param name="Line">Its number in the input, from 1.</param>
/// <param name="Id">The id that it was given.</param>
/// <param name="Duplicate">Whether it was there already by its idempotency key.</param>
internal sealed record PublishedLine(long Line, string Id, bool Duplicate);
