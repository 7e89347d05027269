using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using VZaps.Client.Testing.Delivery;
using VZaps.Client.Testing.Media;

namespace VZaps.Client.Testing.Wire;

/// <summary>A publish with a file: a part <c>event</c> and a part <c>file</c>.</summary>
internal static class PublishedForm
{
    /// <summary>Appends the event with its file put in, and answers. The file of one that is refused, or was there already, is not kept.</summary>
    /// <remarks>The request came through memory, so its parts are still parts.</remarks>
    public static async Task<HttpResponseMessage> AnswerAsync(MultipartFormDataContent form, EventPump pump, MediaShelf shelf, CancellationToken cancellationToken)
    {
        if (Part(form, "event") is not { } json)
            return Refuse("missing_field", "'event' is missing; give a part of that name with the JSON of one event.");
        if (Part(form, "file") is not { } file)
            return Refuse("missing_field", "'file' is missing; give a part of that name with the file.");
        var body = await json.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        var content = await file.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        if (Parse(body) is not { } published)
            return Refuse("invalid_field", "'event' has the wrong form; give one event; a request has one event and one file.");
        if (published["data"] is not JsonObject data)
            return PublishedBody.Append(pump, body, out _);
        if (data.ContainsKey("media_source_url") || data.ContainsKey("mediaSourceUrl"))
            return Refuse("invalid_field", "'data.media_source_url' has the wrong form; give either it or the part file.");
        var disposition = file.Headers.ContentDisposition!;
        var name = disposition.FileNameStar ?? disposition.FileName?.Trim('"');
        // Before the event: who receives it may ask for it at once.
        var shelved = shelf.Add(content, file.Headers.ContentType?.ToString() ?? "application/octet-stream", name, "publish", isPending: false);
        data["media_url"] = shelf.NewLink(shelved).AbsoluteUri;
        data["media"] = shelf.Read(() => ShelfJson.OfEvent(shelved));
        var answer = PublishedBody.Append(pump, Encoding.UTF8.GetBytes(published.ToJsonString()), out var appended);
        if (appended == 0)
            shelf.Remove(shelved);
        return answer;
    }

    private static HttpResponseMessage Refuse(string error, string message) => FakeAnswer.Refuse(HttpStatusCode.BadRequest, error, message);

    private static JsonObject? Parse(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static HttpContent? Part(MultipartFormDataContent form, string name) =>
        form.FirstOrDefault(part => part.Headers.ContentDisposition?.Name?.Trim('"') == name);
}
