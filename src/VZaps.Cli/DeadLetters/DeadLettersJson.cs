using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using VZaps.Cli.Gateways;

namespace VZaps.Cli.DeadLetters;

/// <summary>Source-generated JSON of the dead letters' routes.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, MaxDepth = InstanceApi.MaxDepth)]
[JsonSerializable(typeof(DeadLetterPage))]
[JsonSerializable(typeof(RedeliveredLetters))]
[JsonSerializable(typeof(DeletedLetters))]
internal sealed partial class DeadLettersJson : JsonSerializerContext
{
    /// <summary>For the screen and pipes: text in any script stays readable.</summary>
    public static DeadLettersJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = InstanceApi.MaxDepth,
    });
}
