using System.Text.Json;
using System.Text.Json.Serialization;

namespace VZaps.Cli.Profiles;

/// <summary>The profile file's JSON. A person writes it, so comments and trailing commas are taken.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true)]
[JsonSerializable(typeof(Dictionary<string, Profile>))]
internal sealed partial class ProfileJson : JsonSerializerContext;
