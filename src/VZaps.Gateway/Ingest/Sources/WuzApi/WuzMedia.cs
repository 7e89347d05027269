using System.Text.Json;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest.Sources.WuzApi;

/// <summary>The file of a body of wuzapi: within it, or in S3. Where both are given, what is there is taken, and what is in S3 where that could not be kept.</summary>
internal static class WuzMedia
{
    private const string Member = "base64";

    // The members of a message that describe a file; it has one of them.
    private static readonly string[] Descriptions = ["imageMessage", "videoMessage", "ptvMessage", "audioMessage", "documentMessage", "stickerMessage"];

    public static MediaDescription? Of(JsonElement root)
    {
        var bucket = root.GetObject("s3") ?? default;
        var content = FileReference.Parse(root.TextOrEmpty(Member));
        if (content is null && bucket.Text("url") is null)
            return null;
        var said = SaidOf(root);
        return new MediaDescription
        {
            Source = MediaSource.WuzApi,
            Content = content,
            Url = bucket.Text("url"),
            // What wuzapi put there itself; the rest is the word of who wrote the message.
            Size = BytesOf(bucket, "size"),
            SaidSize = BytesOf(said, "fileLength"),
            Sha256 = ExpectedHash.Read(said.Text("fileSHA256")),
            MimeType = root.Text("mimeType") ?? bucket.Text("mimeType"),
            FileName = NameOf(root) ?? root.Text("fileName") ?? bucket.Text("fileName"),
        };
    }

    /// <summary>What the message says of its file.</summary>
    private static JsonElement SaidOf(JsonElement root)
    {
        var message = root.GetObject("event")?.GetObject("Message") ?? default;
        return Descriptions.Select(name => message.GetObject(name)).FirstOrDefault(found => found is not null) ?? default;
    }

    // Nought is what a writer has that does not know.
    private static long? BytesOf(JsonElement element, string name) => element.Number(name) is > 0 and var bytes ? bytes : null;

    /// <summary>A document's own name: the one beside the file is made of the message's id.</summary>
    private static string? NameOf(JsonElement root) =>
        root.GetObject("event")?.GetObject("Message")?.GetObject("documentMessage")?.Text("fileName");
}
