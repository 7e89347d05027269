using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace VZaps.Gateway.Media;

/// <summary>A file as it stands in its event's <c>data</c>.</summary>
/// <param name="Id">Its id.</param>
/// <param name="IsPending">Whether it is to be fetched.</param>
/// <param name="Members">The members <c>media_url</c> and <c>media</c>, in UTF-8 and without braces around them.</param>
internal sealed record AttachedMedia(MediaId Id, bool IsPending, ReadOnlyMemory<byte> Members)
{
    /// <summary>Bytes that <see cref="Members"/> may have, with the origin of a link, a name and a type of the longest that are taken.</summary>
    public const int MaxBytes = 2_048;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static AttachedMedia Of(MediaRow row, string url)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("media_url", url);
            json.WriteStartObject("media");
            json.WriteString("id", row.Id);
            json.WriteString("mime_type", row.MimeType);
            if (row.FileName is { } name)
                json.WriteString("file_name", name);
            if (row.Size is { } size)
                json.WriteNumber("size", size);
            if (row.Sha256 is { } hash)
                json.WriteString("sha256", hash);
            json.WriteString("status", MediaStatuses.NameOf(row.Status == MediaStatus.Stored ? MediaStatus.Stored : MediaStatus.Pending));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return new AttachedMedia(row.ParsedId, row.Status == MediaStatus.Pending, buffer.WrittenMemory[1..^1]);
    }

    /// <summary>What goes before a <c>data</c> that begins with its type, and what of it comes then.</summary>
    public (byte[] Prefix, ReadOnlyMemory<byte> Remainder) Into(ReadOnlyMemory<byte> data)
    {
        var afterType = data.Span.IndexOf((byte)',') + 1;
        return ([.. data.Span[..afterType], .. Members.Span, (byte)','], data[afterType..]);
    }
}
