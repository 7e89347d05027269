using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using VZaps.Cli.Gateways;

namespace VZaps.Cli.Sources;

/// <summary>A source as the gateway shows it.</summary>
internal sealed record Source(
    string Kind,
    string Url,
    string? VerifyToken,
    string? PhoneNumberId,
    string? WabaId,
    bool IsSigned,
    bool FailedReceipts,
    bool Connected,
    string? PhoneNumber,
    DateTimeOffset? LastSeenAt,
    bool Silent,
    SourceCounts Counts);

/// <summary>What became of everything that a source received.</summary>
internal sealed record SourceCounts(long Received, long Published, long Duplicates, long Kept, IReadOnlyDictionary<string, long> NotMapped);

/// <summary>How a source is to be; null for what stays as it is.</summary>
internal sealed record SourceSettings
{
    public string? PhoneNumberId { get; init; }

    public string? AppSecret { get; init; }

    public string? VerifyToken { get; init; }

    public string? WabaId { get; init; }

    public string? AccessToken { get; init; }

    public string? PhoneNumber { get; init; }

    public bool? FailedReceipts { get; init; }

    public string? HmacKey { get; init; }

    public bool? NewUrl { get; init; }

    // A record would print the secrets.
    public override string ToString() => nameof(SourceSettings);
}

/// <summary>A source that is gone.</summary>
internal sealed record DeletedSource(string Kind, bool Deleted);

/// <summary>Source-generated JSON of the sources' routes.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = InstanceApi.MaxDepth)]
[JsonSerializable(typeof(Source[]))]
[JsonSerializable(typeof(SourceSettings))]
[JsonSerializable(typeof(DeletedSource))]
[JsonSerializable(typeof(JsonDocument))]
internal sealed partial class SourcesJson : JsonSerializerContext
{
    /// <summary>For the screen and pipes: text in any script stays readable.</summary>
    public static SourcesJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = InstanceApi.MaxDepth,
    });
}
