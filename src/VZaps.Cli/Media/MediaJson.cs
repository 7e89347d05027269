using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using VZaps.Cli.Gateways;

namespace VZaps.Cli.Media;

/// <summary>Source-generated JSON of the files' routes.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, MaxDepth = InstanceApi.MaxDepth)]
[JsonSerializable(typeof(MediaItemPage))]
[JsonSerializable(typeof(FetchedAgain))]
internal sealed partial class MediaJson : JsonSerializerContext
{
    /// <summary>For the screen and pipes: text in any script stays readable.</summary>
    public static MediaJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = InstanceApi.MaxDepth,
    });
}
