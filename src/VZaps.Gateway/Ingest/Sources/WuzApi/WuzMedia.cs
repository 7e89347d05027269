using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest.Sources.WuzApi;

/// <summary>The file of a body of wuzapi: within it, or in S3. Where both are given, what is there is taken.</summary>
internal static class WuzMedia
{
    private const string Member = "base64";

    /// <summary>Whether a body refers to a file that was not taken out of it: by the hash it would have whatever is in the store, anybody's.</summary>
    /// <param name="root">The body.</param>
    /// <param name="files">Those that were taken out of it; null for one that was looked at before.</param>
    public static bool RefersToOthers(JsonElement root, IReadOnlyCollection<FileReference>? files) =>
        files is not null && FileReference.Parse(root.TextOrEmpty(Member)) is { } given && !files.Contains(given);

    /// <summary>A body without its file.</summary>
    public static byte[] Without(JsonElement root)
    {
        var body = new ArrayBufferWriter<byte>();
        foreach (var member in root.EnumerateObject())
        {
            if (LenientJson.NameOf(member) == Member)
                continue;
            body.Write(body.WrittenCount == 0 ? "{\""u8 : ",\""u8);
            body.Write(JsonMarshal.GetRawUtf8PropertyName(member));
            body.Write("\":"u8);
            body.Write(member.Value.Raw());
        }

        body.Write(body.WrittenCount == 0 ? "{}"u8 : "}"u8);
        return body.WrittenSpan.ToArray();
    }

    public static MediaDescription? Of(JsonElement root)
    {
        var bucket = root.GetObject("s3") ?? default;
        var content = FileReference.Parse(root.TextOrEmpty(Member));
        if (content is null && bucket.Text("url") is null)
            return null;
        return new MediaDescription
        {
            Source = MediaSource.WuzApi,
            Content = content,
            Url = content is null ? bucket.Text("url") : null,
            MimeType = root.Text("mimeType") ?? bucket.Text("mimeType"),
            FileName = NameOf(root) ?? root.Text("fileName") ?? bucket.Text("fileName"),
        };
    }

    /// <summary>A document's own name: the one beside the file is made of the message's id.</summary>
    private static string? NameOf(JsonElement root) =>
        root.GetObject("event")?.GetObject("Message")?.GetObject("documentMessage")?.Text("fileName");
}
