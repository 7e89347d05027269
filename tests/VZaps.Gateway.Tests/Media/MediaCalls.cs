using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using VZaps.Gateway.Tests.Fixtures;
using VZaps.Gateway.Tests.Ingest.Sources;
using Xunit;

namespace VZaps.Gateway.Tests.Media;

/// <summary>Events with files, and requests for them.</summary>
internal static class MediaCalls
{
    public static byte[] Jpeg(int bytes = 5_000, byte seed = 1) => [0xff, 0xd8, 0xff, 0xe0, .. Enumerable.Range(0, bytes - 4).Select(i => (byte)(i * 31 + seed))];

    /// <summary>Settings with which a test's own servers may be fetched from.</summary>
    public static Dictionary<string, string?> Settings(params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Media:AllowedNetworks"] = "127.0.0.1/32" };
        foreach (var (key, value) in more)
            settings[key] = value;
        return settings;
    }

    /// <summary>The data of an instance's newest event.</summary>
    public static async Task<JsonElement> NewestAsync(this GatewayFixture gateway, TestInstance instance) => (await gateway.EventsAsync(instance))[^1].GetProperty("data");

    public static string LinkOf(JsonElement data) => new Uri(data.GetProperty("media_url").GetString()!).PathAndQuery;

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The files in a gateway's store, and those on their way in.</summary>
    public static string[] FilesOf(GatewayFixture gateway) =>
        Path.Combine(gateway.DataPath, "files") is var folder && Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories) : [];

    public static string IdOf(JsonElement data) => data.GetProperty("media").GetProperty("id").GetString()!;

    /// <summary>Gets a link; the answer, whose content is read.</summary>
    public static async Task<MediaReply> GetAsync(this GatewayFixture gateway, string link, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, link);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await gateway.Client.SendAsync(request);
        return new MediaReply((int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(), answer.Headers, answer.Content.Headers);
    }

    /// <summary>Publishes an event with its file; the event's data.</summary>
    public static async Task<JsonElement> PublishFileAsync(this GatewayFixture gateway, TestInstance instance, byte[] file, string? name = "a.jpg", string? type = "image/jpeg")
    {
        var (status, answer) = await gateway.PostFormAsync(instance, Form(file, name, type));
        Assert.True(status == 202, $"{status} {answer}");
        return await gateway.NewestAsync(instance);
    }

    public static MultipartFormDataContent Form(byte[] file, string? name, string? type, string json = """{"type":"Message","data":{"event":{}}}""", bool fileFirst = false)
    {
        var part = new ByteArrayContent(file);
        if (type is not null)
            part.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        var form = new MultipartFormDataContent();
        if (!fileFirst)
            form.Add(new StringContent(json), "event");
        if (name is null)
            form.Add(part, "file");
        else
            form.Add(part, "file", name);
        if (fileFirst)
            form.Add(new StringContent(json), "event");
        return form;
    }

    public static async Task<(int Status, string Answer)> PostFormAsync(this GatewayFixture gateway, TestInstance instance, HttpContent form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/instances/{instance.Id}/events") { Content = form };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", instance.AccessToken);
        // What is refused for its size alone is refused before it is sent.
        request.Headers.ExpectContinue = true;
        using var answer = await gateway.Client.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Publishes an event whose file is to be fetched; its data.</summary>
    public static async Task<JsonElement> PublishUrlAsync(this GatewayFixture gateway, TestInstance instance, string url, object? media = null)
    {
        var (status, answer) = await gateway.SendAsync(
            HttpMethod.Post, $"/instances/{instance.Id}/events", new { type = "Message", data = new { media_source_url = url, media, @event = new { } } }, instance.AccessToken);
        Assert.True(status == 202, $"{status} {answer}");
        return await gateway.NewestAsync(instance);
    }

    /// <summary>Waits until a file has a status; its item.</summary>
    public static async Task<JsonElement> WaitForAsync(this GatewayFixture gateway, TestInstance instance, string mediaId, string status)
    {
        var item = default(JsonElement);
        var held = await Eventually.HoldsAsync(async () => (item = await gateway.CallAsync(instance, HttpMethod.Get, $"/media/{mediaId}")).GetProperty("status").GetString() == status);
        Assert.True(held, $"{item}");
        return item;
    }

    /// <summary>A change of the Cloud API with a file.</summary>
    public static string CloudFile(string kind, string mediaId, string wamid, string mimeType, string? fileName = null, string more = "")
    {
        var name = fileName is null ? "" : $",\"filename\":{JsonSerializer.Serialize(fileName)}";
        return $$$"""
            {"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550001111","phone_number_id":"{{{SourceCalls.Number}}}"},
            "messages":[{"from":"15550002222","id":"{{{wamid}}}","timestamp":"1790416800","type":"{{{kind}}}","{{{kind}}}":{"id":"{{{mediaId}}}","mime_type":"{{{mimeType}}}"{{{name}}}{{{more}}}}}]}}
            """;
    }

    /// <summary>A body of wuzapi with a file, within it or in S3.</summary>
    public static byte[] WuzFile(string id, string kind, string mimeType, byte[]? content, string? s3Url = null, string? fileName = null)
    {
        var message = new Dictionary<string, object?>(StringComparer.Ordinal) { [kind + "Message"] = new { mimetype = mimeType, fileName } };
        var body = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["type"] = "Message",
            ["mimeType"] = mimeType,
            ["fileName"] = id + ".bin",
            ["event"] = new { Info = new { Chat = "15550002222@s.whatsapp.net", Sender = "15550002222@s.whatsapp.net", ID = id, Type = "media", MediaType = kind, Timestamp = "2026-06-23T19:57:17-03:00" }, Message = message },
        };
        if (content is not null)
            body["base64"] = Convert.ToBase64String(content);
        if (s3Url is not null)
            body["s3"] = new { url = s3Url, key = "k", bucket = "b", mimeType, fileName = id + ".bin" };
        // As Go writes it: nothing in base64 is escaped.
        return Encoding.UTF8.GetBytes(JsonSerializer.Serialize(body, Plain));
    }
}

/// <summary>An answer to a request for a file.</summary>
internal sealed record MediaReply(int Status, byte[] Body, HttpResponseHeaders Headers, HttpContentHeaders Content)
{
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);

    public string Error => Json.GetProperty("error").GetString()!;
}
