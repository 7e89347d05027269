using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;

namespace VZaps.EndToEnd.Media;

/// <summary>A file that somebody sends.</summary>
/// <param name="Kind">What a message calls it: <c>image</c>, <c>audio</c>, <c>video</c>, <c>document</c> or <c>sticker</c>.</param>
/// <param name="Type">Its content type.</param>
/// <param name="Name">Its name; null where the sender gives none, as with all but documents.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record SentFile(string Kind, string Type, string? Name, byte[] Content);

/// <summary>Sends files by each way that there is, to a gateway that runs with <see cref="Settings"/>.</summary>
internal sealed class SentFiles(GatewayProcess gateway, GatewayApi api, FileServer server) : IDisposable
{
    private const string AppSecret = "app-secret-for-tests", Number = "200000000000002", Token = "EAAtest0123456789";

    // As Go writes it: nothing in base64 is escaped.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly HttpClient _http = new();
    private readonly Dictionary<(string Instance, string Kind), Uri> _sources = [];
    private int _sent;

    /// <summary>What the gateway has to be started with.</summary>
    public static (string, string)[] Settings(FileServer server) => [("VZAPS_Media__AllowedNetworks", "127.0.0.1/32"), ("VZAPS_Media__GraphUrl", server.Url + "/graph")];

    /// <summary>All ways, by name.</summary>
    public IEnumerable<(string Name, Func<TestInstance, SentFile, Task> SendAsync)> Ways =>
        [("Cloud API", CloudAsync), ("WuzAPI, within the event", WuzWithinAsync), ("WuzAPI, in S3", WuzBucketAsync), ("published", PublishAsync), ("published by URL", PublishUrlAsync)];

    /// <summary>With an event.</summary>
    public async Task PublishAsync(TestInstance instance, SentFile file)
    {
        using var form = new MultipartFormDataContent { { new StringContent("""{"type":"Message","data":{}}"""), "event" } };
        form.Add(new ByteArrayContent(file.Content) { Headers = { ContentType = MediaTypeHeaderValue.Parse(file.Type) } }, "file", file.Name ?? file.Kind);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{gateway.BaseUrl}/instances/{instance.Id}/events") { Content = form };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", api.AccessToken);
        await SendAsync(request);
    }

    /// <summary>By an event that says where it is.</summary>
    public async Task PublishUrlAsync(TestInstance instance, SentFile file) => await api.PublishAsync(instance, JsonSerializer.Serialize(new
    {
        type = "Message", data = new { media_source_url = Serve(file), media = new { mime_type = file.Type, file_name = file.Name, size = file.Content.Length } },
    }));

    /// <summary>As Meta does it: an id, for which the Graph API names a URL.</summary>
    public async Task CloudAsync(TestInstance instance, SentFile file)
    {
        var url = await SetAsync(instance, "cloud", $$"""{"phone_number_id":"{{Number}}","app_secret":"{{AppSecret}}","access_token":"{{Token}}"}""");
        var (id, at) = ($"9{_sent}", Serve(file, Token));
        server.Routes["/graph/" + id] = context => context.Response.WriteAsJsonAsync(new { messaging_product = "whatsapp", url = at, file_size = $"{file.Content.Length}", id });
        var media = new JsonObject { ["id"] = id, ["mime_type"] = file.Type };
        if (file.Name is not null)
            media["filename"] = file.Name;
        var body = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["object"] = "whatsapp_business_account",
            ["entry"] = new JsonArray(new JsonObject
            {
                ["id"] = "100000000000001",
                ["changes"] = new JsonArray(new JsonObject
                {
                    ["field"] = "messages",
                    ["value"] = new JsonObject
                    {
                        ["messaging_product"] = "whatsapp",
                        ["metadata"] = new JsonObject { ["display_phone_number"] = "15550001111", ["phone_number_id"] = Number },
                        ["messages"] = new JsonArray(new JsonObject { ["from"] = "15550002222", ["id"] = $"wamid.{_sent}", ["timestamp"] = "1790416800", ["type"] = file.Kind, [file.Kind] = media }),
                    },
                }),
            }),
        }.ToJsonString());
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Headers.Add("X-Hub-Signature-256", "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(AppSecret), body)));
        await SendAsync(request);
    }

    /// <summary>As base64 in the event.</summary>
    public Task WuzWithinAsync(TestInstance instance, SentFile file) => WuzAsync(instance, file, body => body["base64"] = Convert.ToBase64String(file.Content));

    /// <summary>As a link to a bucket.</summary>
    public Task WuzBucketAsync(TestInstance instance, SentFile file) =>
        WuzAsync(instance, file, body => body["s3"] = new JsonObject { ["url"] = Serve(file), ["size"] = file.Content.Length, ["mimeType"] = file.Type });

    public void Dispose() => _http.Dispose();

    private async Task WuzAsync(TestInstance instance, SentFile file, Action<JsonObject> addFile)
    {
        var url = await SetAsync(instance, "wuzapi", "{}");
        var media = new JsonObject { ["mimetype"] = file.Type, ["fileLength"] = file.Content.Length, ["fileSHA256"] = Convert.ToBase64String(SHA256.HashData(file.Content)) };
        if (file.Name is not null)
            media["fileName"] = file.Name;
        var info = new JsonObject { ["Chat"] = "15550002222@s.whatsapp.net", ["Sender"] = "15550002222@s.whatsapp.net", ["ID"] = $"3EB0{++_sent}", ["Type"] = "media", ["Timestamp"] = "2026-06-23T19:57:17-03:00" };
        var body = new JsonObject { ["type"] = "Message", ["mimeType"] = file.Type, ["event"] = new JsonObject { ["Info"] = info, ["Message"] = new JsonObject { [file.Kind + "Message"] = media } } };
        addFile(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body.ToJsonString(Plain), Encoding.UTF8, "application/json") };
        await SendAsync(request);
    }

    /// <summary>Puts the file onto the server; where it is.</summary>
    private string Serve(SentFile file, string? token = null)
    {
        var path = $"/f/{++_sent}";
        server.Routes[path] = async context =>
        {
            if (token is not null && context.Request.Headers.Authorization != "Bearer " + token)
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                return;
            }

            (context.Response.ContentType, context.Response.ContentLength) = (file.Type, file.Content.Length);
            await context.Response.Body.WriteAsync(file.Content, context.RequestAborted);
        };
        return server.Url + path;
    }

    /// <summary>Where a source of the instance is posted to, which is told with its secret once only.</summary>
    private async Task<Uri> SetAsync(TestInstance instance, string kind, string settings)
    {
        if (_sources.TryGetValue((instance.Id, kind), out var known))
            return known;
        using var answer = await api.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/sources/{kind}", settings);
        answer.EnsureSuccessStatusCode();
        return _sources[(instance.Id, kind)] = new Uri(JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("data").GetProperty("url").GetString()!);
    }

    private async Task SendAsync(HttpRequestMessage request)
    {
        using var answer = await _http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
    }
}
