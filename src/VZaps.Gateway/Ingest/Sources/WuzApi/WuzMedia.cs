using System.Text.Json;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest.Sources.WuzApi;

/// <summary>The file of a body of wuzapi: within it, or in S3. Where both are given, what is there is taken.</summary>
internal static class WuzMedia
{
    public static MediaDescription? Of(JsonElement root)
    {
        var bucket = root.GetObject("s3") ?? default;
        var content = FileReference.Parse(root.TextOrEmpty("base64"));
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
