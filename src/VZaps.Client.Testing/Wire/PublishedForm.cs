using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using VZaps.Client.Testing.Media;

namespace VZaps.Client.Testing.Wire;

/// <summary>A publish with a file: a part <c>event</c> and a part <c>file</c>.</summary>
internal static class PublishedForm
{
    /// <summary>The event with its file put in, as the body of a plain publish; null where a part is missing.</summary>
    /// <remarks>The request came through memory, so its parts are still parts.</remarks>
    public static async Task<byte[]?> ReadAsync(MultipartFormDataContent form, MediaShelf shelf, CancellationToken cancellationToken)
    {
        var (json, file) = (Part(form, "event"), Part(form, "file"));
        if (json is null || file is null)
            return null;
        var body = await json.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        var content = await file.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (JsonNode.Parse(body) is not JsonObject published || published["data"] is not JsonObject data)
                return body;
            var disposition = file.Headers.ContentDisposition!;
            var name = disposition.FileNameStar ?? disposition.FileName?.Trim('"');
            var shelved = shelf.Add(content, file.Headers.ContentType?.ToString() ?? "application/octet-stream", name, "publish", isPending: false);
            data["media_url"] = shelf.NewLink(shelved).AbsoluteUri;
            data["media"] = shelf.Read(() => ShelfJson.OfEvent(shelved));
            return Encoding.UTF8.GetBytes(published.ToJsonString());
        }
        catch (JsonException)
        {
            return body;
        }
    }

    private static HttpContent? Part(MultipartFormDataContent form, string name) =>
        form.FirstOrDefault(part => part.Headers.ContentDisposition?.Name?.Trim('"') == name);
}
