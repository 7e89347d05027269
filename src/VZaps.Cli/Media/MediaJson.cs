using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VZaps.Cli.Media;

/// <summary>Source-generated JSON of what is printed of files.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(MediaLine))]
[JsonSerializable(typeof(FetchedAgain))]
internal sealed partial class MediaJson : JsonSerializerContext
{
    /// <summary>For the screen and pipes: text in any script stays readable.</summary>
    public static MediaJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
