using System.Text.Json;
using System.Text.Json.Serialization;

namespace VZaps.Client.Media;

/// <summary>A file's status as its name; one that this version does not know is <see cref="MediaStatus.Unknown"/>.</summary>
internal sealed class MediaStatusConverter : JsonConverter<MediaStatus>
{
    public static MediaStatus Parse(string? name) => name switch
    {
        "stored" => MediaStatus.Stored,
        "pending" => MediaStatus.Pending,
        "failed" => MediaStatus.Failed,
        _ => MediaStatus.Unknown,
    };

    public static string NameOf(MediaStatus status) => status switch
    {
        MediaStatus.Stored => "stored",
        MediaStatus.Pending => "pending",
        MediaStatus.Failed => "failed",
        _ => throw new ArgumentException($"{status} is no status that a server knows; use Stored, Pending or Failed.", nameof(status)),
    };

    public override MediaStatus Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(reader.GetString());

    public override void Write(Utf8JsonWriter writer, MediaStatus value, JsonSerializerOptions options) => writer.WriteStringValue(NameOf(value));
}
