using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Media;

/// <summary>Files as a real browser gets them.</summary>
public sealed class BrowserTests
{
    // One dot.
    private static readonly byte[] Png = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    [Fact]
    public async Task A_browser_shows_pictures_saves_documents_under_their_names_and_runs_no_page()
    {
        await using var browser = await Browser.StartAsync();
        await using var gateway = new GatewayProcess();
        await gateway.StartAsync();
        using var api = new GatewayApi(gateway);
        var instance = await api.CreateInstanceAsync();
        (string Name, string Type, byte[] Content)[] files =
        [
            ("ponto.png", "image/png", Png),
            ("voz.ogg", "audio/ogg; codecs=opus", [.. "OggS"u8, .. RandomNumberGenerator.GetBytes(3_000)]),
            ("filme.mp4", "video/mp4", [.. "\0\0\0\u0018ftypmp42"u8, .. RandomNumberGenerator.GetBytes(300_000)]),
            ("orçamento São João.pdf", "application/pdf", [.. "%PDF-1.7\n"u8, .. RandomNumberGenerator.GetBytes(3_000)]),
            ("عرض الأسعار.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", [.. "PK\u0003\u0004"u8, .. RandomNumberGenerator.GetBytes(3_000)]),
            ("figurinha.webp", "image/webp", [.. "RIFF\0\0\0\0WEBP"u8, .. RandomNumberGenerator.GetBytes(3_000)]),
            ("page.html", "text/html", [.. "<!DOCTYPE html><script>document.title='ran'</script>"u8]),
        ];
        await browser.OpenAsync(gateway.BaseUrl + "/health/live");
        await Wait.UntilAsync(async () => (await browser.RunAsync("location.pathname")).GetString() == "/health/live", "the gateway's page is open");
        foreach (var (name, type, content) in files)
        {
            var link = await PublishAsync(gateway, api, instance, name, type, content);
            var got = await browser.RunAsync($$"""
                fetch({{JsonSerializer.Serialize(link)}}).then(async answer => ({
                    type: answer.headers.get('content-type'),
                    hash: Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', await answer.arrayBuffer()))).map(byte => byte.toString(16).padStart(2, '0')).join('') }))
                """);
            Assert.Equal((type, Convert.ToHexStringLower(SHA256.HashData(content))), (got.GetProperty("type").GetString(), got.GetProperty("hash").GetString()));
            await browser.RunAsync($$"""(() => { const link = document.createElement('a'); link.href = {{JsonSerializer.Serialize(link)}}; link.download = ''; document.body.append(link); link.click(); })()""");
            var saved = await browser.DownloadedAsync();
            Assert.Equal(name, saved.Name);
            Assert.Equal(content, saved.Content);
            if (content == Png)
            {
                var width = await browser.RunAsync($$"""new Promise((done, failed) => { const picture = new Image(); picture.onload = () => done(picture.naturalWidth); picture.onerror = failed; picture.src = {{JsonSerializer.Serialize(link)}}; })""");
                Assert.Equal(1, width.GetInt32());
            }

            if (type == "text/html")
            {
                // Opened as it is, it is saved, and not shown.
                await browser.OpenAsync(link);
                Assert.Equal(content, (await browser.DownloadedAsync()).Content);
                Assert.Equal("/health/live", (await browser.RunAsync("location.pathname")).GetString());
                Assert.NotEqual("ran", (await browser.RunAsync("document.title")).GetString());
            }
        }
    }

    private static async Task<string> PublishAsync(GatewayProcess gateway, GatewayApi api, TestInstance instance, string name, string type, byte[] content)
    {
        using var http = new HttpClient { BaseAddress = new Uri(gateway.BaseUrl) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", api.AccessToken);
        using var form = new MultipartFormDataContent { { new StringContent("""{"type":"Message","data":{}}"""), "event" } };
        form.Add(new ByteArrayContent(content) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } }, "file", name);
        using var answer = await http.PostAsync($"/instances/{instance.Id}/events", form);
        answer.EnsureSuccessStatusCode();
        return (await api.ReadHistoryAsync(instance))[^1].GetProperty("data").GetProperty("media_url").GetString()!;
    }
}
