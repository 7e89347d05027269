using System.Security.Cryptography;
using System.Text;
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

    // One page, empty.
    private static readonly byte[] Pdf = Encoding.ASCII.GetBytes(
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n");

    private static readonly SentFile[] Files =
    [
        new("image", "image/png", null, Png),
        new("audio", "audio/ogg; codecs=opus", null, [.. "OggS"u8, .. RandomNumberGenerator.GetBytes(3_000)]),
        new("video", "video/mp4", null, [.. "\0\0\0\u0018ftypmp42"u8, .. RandomNumberGenerator.GetBytes(300_000)]),
        new("document", "application/pdf", "orçamento São João.pdf", Pdf),
        new("document", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "عرض الأسعار.docx", [.. "PK\u0003\u0004"u8, .. RandomNumberGenerator.GetBytes(3_000)]),
        new("sticker", "image/webp", null, [.. "RIFF\0\0\0\0WEBP"u8, .. RandomNumberGenerator.GetBytes(3_000)]),
    ];

    [Fact]
    public async Task A_browser_gets_each_kind_of_file_of_each_source_under_its_name()
    {
        await using var server = await FileServer.StartAsync();
        await using var gateway = new GatewayProcess(SentFiles.Settings(server));
        await gateway.StartAsync();
        using var api = new GatewayApi(gateway);
        using var files = new SentFiles(gateway, api, server);
        var instance = await api.CreateInstanceAsync();
        foreach (var (way, sendAsync) in files.Ways)
        {
            // A new one each time: from one page, a browser takes ten downloads and then asks.
            await using var browser = await StartOnAsync(gateway);
            foreach (var file in Files)
            {
                await sendAsync(instance, file);
                var link = await NewestLinkAsync(api, instance);
                var got = await browser.RunAsync($$"""
                    fetch({{JsonSerializer.Serialize(link)}}).then(async answer => ({
                        type: answer.headers.get('content-type'),
                        hash: Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', await answer.arrayBuffer()))).map(byte => byte.toString(16).padStart(2, '0')).join('') }))
                    """);
                Assert.Equal((way, file.Type, Convert.ToHexStringLower(SHA256.HashData(file.Content))), (way, got.GetProperty("type").GetString(), got.GetProperty("hash").GetString()));
                await browser.RunAsync($$"""(() => { const link = document.createElement('a'); link.href = {{JsonSerializer.Serialize(link)}}; link.download = ''; document.body.append(link); link.click(); })()""");
                var saved = await browser.DownloadedAsync();
                Assert.Equal((way, file.Name ?? saved.Name), (way, saved.Name));
                Assert.Equal(file.Content, saved.Content);
            }
        }
    }

    [Fact]
    public async Task A_browser_shows_a_picture_and_a_PDF_and_runs_no_page()
    {
        await using var server = await FileServer.StartAsync();
        await using var gateway = new GatewayProcess();
        await gateway.StartAsync();
        await using var browser = await StartOnAsync(gateway);
        using var api = new GatewayApi(gateway);
        using var files = new SentFiles(gateway, api, server);
        var instance = await api.CreateInstanceAsync();

        await files.PublishAsync(instance, new SentFile("image", "image/png", "ponto.png", Png));
        var width = await browser.RunAsync(
            $$"""new Promise((done, failed) => { const picture = new Image(); picture.onload = () => done(picture.naturalWidth); picture.onerror = failed; picture.src = {{JsonSerializer.Serialize(await NewestLinkAsync(api, instance))}}; })""");
        Assert.Equal(1, width.GetInt32());

        // Opened as it is, a page is saved, and not shown.
        var page = "<!DOCTYPE html><script>document.title='ran'</script>"u8.ToArray();
        await files.PublishAsync(instance, new SentFile("document", "text/html", "page.html", page));
        await browser.OpenAsync(await NewestLinkAsync(api, instance));
        Assert.Equal(page, (await browser.DownloadedAsync()).Content);
        Assert.Equal("/health/live", (await browser.RunAsync("location.pathname")).GetString());
        Assert.NotEqual("ran", (await browser.RunAsync("document.title")).GetString());

        // A PDF has the browser's own viewer, whatever the page around it may not do.
        await files.PublishAsync(instance, new SentFile("document", "application/pdf", "orçamento.pdf", Pdf));
        await browser.OpenAsync(await NewestLinkAsync(api, instance));
        await Wait.UntilAsync(browser.ShowsViewerAsync, "the PDF is shown");
        Assert.Equal("application/pdf", (await browser.RunAsync("document.contentType")).GetString());
    }

    /// <summary>A browser with a page of the gateway open, so that what it does is done from there.</summary>
    private static async Task<Browser> StartOnAsync(GatewayProcess gateway)
    {
        var browser = await Browser.StartAsync();
        await browser.OpenAsync(gateway.BaseUrl + "/health/live");
        await Wait.UntilAsync(async () => (await browser.RunAsync("location.pathname")).GetString() == "/health/live", "the gateway's page is open");
        return browser;
    }

    private static async Task<string> NewestLinkAsync(GatewayApi api, TestInstance instance) =>
        (await api.ReadHistoryAsync(instance))[^1].GetProperty("data").GetProperty("media_url").GetString()!;
}
