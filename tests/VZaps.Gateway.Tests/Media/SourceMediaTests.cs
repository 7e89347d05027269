using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using VZaps.Gateway.Tests.Fixtures;
using VZaps.Gateway.Tests.Ingest.Sources;
using Xunit;
using static VZaps.Gateway.Tests.Media.MediaCalls;

namespace VZaps.Gateway.Tests.Media;

/// <summary>Each kind of file of each source: the bytes that come out are those that went in.</summary>
public sealed class SourceMediaTests
{
    private const string Token = "EAAtest0123456789";

    /// <summary>Kind, content type, first bytes, and the name that the sender gives.</summary>
    public static TheoryData<string, string, string, string?> Kinds { get; } = new()
    {
        { "image", "image/jpeg", "FFD8FFE0", null },
        { "audio", "audio/ogg; codecs=opus", "4F676753", null },
        { "video", "video/mp4", "0000001866747970", null },
        { "document", "application/pdf", "255044462D", "orçamento São João.pdf" },
        { "document", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "504B0304", "عرض الأسعار.xlsx" },
        { "sticker", "image/webp", "524946460000000057454250", null },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_cloud_apis_file_is_fetched_with_its_sources_token(string kind, string type, string head, string? name)
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:GraphUrl", server.Url + "/graph")));
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetCloudAsync(instance, more: CloudSettings());
        var content = ContentOf(head);
        server.Graph("900000000000001", server.Serve("/lookaside", content, type.Split(';')[0]), content.Length);
        Assert.Equal(200, await gateway.PostCloudAsync(path, SourceCalls.CloudBody(CloudFile(kind, "900000000000001", "wamid.1", type, name))));
        var data = await gateway.NewestAsync(instance);
        Assert.Equal("pending", data.GetProperty("media").GetProperty("status").GetString());
        Assert.False(data.GetProperty("media").TryGetProperty("sha256", out _));
        await IsServedAsync(gateway, data, content, type, name);
        Assert.All(server.Requests, request => Assert.Equal("Bearer " + Token, request.Authorization));
        Assert.Equal(["/graph/900000000000001", "/lookaside"], server.Requests.Select(request => request.Path));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_file_within_a_body_of_wuzapi_is_there_at_once(string kind, string type, string head, string? name)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var content = ContentOf(head);
        Assert.Equal(200, await gateway.PostAsync(await gateway.SetWuzAsync(instance), WuzFile("3EB01", kind, type, content, "https://expired.example.com/x", name), "application/json"));
        var data = await gateway.NewestAsync(instance);
        Assert.Equal("stored", data.GetProperty("media").GetProperty("status").GetString());
        await IsServedAsync(gateway, data, content, type, name ?? "3EB01.bin");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_file_of_wuzapi_in_s3_is_fetched_at_once_and_without_a_token(string kind, string type, string head, string? name)
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings());
        var instance = await gateway.NewInstanceAsync();
        var content = ContentOf(head);
        var url = server.Serve("/b/u1/a", content, type.Split(';')[0]) + "?X-Amz-Signature=secret";
        Assert.Equal(200, await gateway.PostAsync(await gateway.SetWuzAsync(instance), WuzFile("3EB01", kind, type, null, url, name), "application/json"));
        await IsServedAsync(gateway, await gateway.NewestAsync(instance), content, type, name ?? "3EB01.bin");
        Assert.Equal("", Assert.Single(server.Requests).Authorization);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_published_file_is_there_at_once(string kind, string type, string head, string? name)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var content = ContentOf(head);
        await IsServedAsync(gateway, await gateway.PublishFileAsync(instance, content, name ?? kind, type), content, type, name ?? kind);
    }

    [Fact]
    public async Task A_file_in_an_old_multipart_body_of_wuzapi_is_there_too()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var content = Jpeg();
        using var form = new MultipartFormDataContent();
        var file = new ByteArrayContent(content);
        file.Headers.ContentType = new("image/jpeg");
        form.Add(new StringContent(Encoding.UTF8.GetString(WuzFile("3EB01", "image", "image/jpeg", null))), "jsonData");
        form.Add(file, "file", "foto.jpg");
        using var answer = await gateway.Client.PostAsync(await gateway.SetWuzAsync(instance), form, TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)answer.StatusCode);
        await IsServedAsync(gateway, await gateway.NewestAsync(instance), content, "image/jpeg", "3EB01.bin");
    }

    [Theory]
    [InlineData("\\u0062ase64")]
    [InlineData("base64")]
    [InlineData("\\u0062\\u0061\\u0073\\u0065\\u0036\\u0034")]
    public async Task A_body_cannot_refer_to_a_file_that_did_not_come_in_it(string member)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var (one, other) = (await gateway.NewInstanceAsync(), await gateway.NewInstanceAsync());
        var hash = (await gateway.PublishFileAsync(one, Jpeg())).GetProperty("media").GetProperty("sha256").GetString()!;
        var path = await gateway.SetWuzAsync(other);
        var reference = $",\"{member}\":\"file:{hash}:5000\"";
        Assert.Equal(200, await gateway.PostAsync(path, Encoding.UTF8.GetBytes(SourceCalls.WuzMessage("1", reference)), "application/json"));
        Assert.Equal(200, await gateway.PostAsync(path, Encoding.UTF8.GetBytes("jsonData=" + Uri.EscapeDataString(SourceCalls.WuzMessage("2", reference))), "application/x-www-form-urlencoded"));
        using var form = new MultipartFormDataContent { { new StringContent(SourceCalls.WuzMessage("3", reference)), "jsonData" } };
        form.Add(new ByteArrayContent(Jpeg(100, 7)), "file", "other.jpg");
        using (var answer = await gateway.Client.PostAsync(path, form, TestContext.Current.CancellationToken))
            Assert.Equal(200, (int)answer.StatusCode);
        // One that is kept does not refer to it either when it is mapped later.
        Assert.Equal(200, await gateway.PostAsync(path, Encoding.UTF8.GetBytes($$"""{"type":"Message","event":{}{{reference}}}"""), "application/json"));
        // Nor does one that is nested deeper than this version reads, or is no JSON in the end: another version may take it.
        var deep = new string('[', 70) + new string(']', 70);
        Assert.Equal(200, await gateway.PostAsync(path, Encoding.UTF8.GetBytes($$"""{"type":"Message","event":{"x":{{deep}}}{{reference}}}"""), "application/json"));
        Assert.Equal(200, await gateway.PostAsync(path, Encoding.UTF8.GetBytes($$"""{"type":"Message"{{reference}},}"""), "application/json"));
        var kept = await gateway.CallAsync(other, HttpMethod.Get, "/sources/wuzapi/kept");
        Assert.Equal(3, kept.GetProperty("total").GetInt32());
        Assert.DoesNotContain(hash, kept.GetRawText(), StringComparison.Ordinal);
        var events = await gateway.EventsAsync(other);
        Assert.Equal(3, events.Length);
        Assert.All(events, one => Assert.DoesNotContain(hash, one.GetRawText(), StringComparison.Ordinal));
        Assert.All((await gateway.CallAsync(other, HttpMethod.Get, "/media")).GetProperty("items").EnumerateArray(), item => Assert.NotEqual(hash, item.GetProperty("sha256").GetString()));
    }

    [Fact]
    public async Task The_file_of_a_late_message_of_a_history_has_a_link()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:GraphUrl", server.Url + "/graph")));
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetCloudAsync(instance, more: CloudSettings());
        server.Graph("1", server.Serve("/f", Jpeg()));
        var late = CloudFile("image", "1", "wamid.1", "image/jpeg").Replace("\"field\":\"messages\"", "\"field\":\"history\"", StringComparison.Ordinal);
        Assert.Equal(200, await gateway.PostCloudAsync(path, SourceCalls.CloudBody(late)));
        var data = await gateway.NewestAsync(instance);
        Assert.Equal("HistorySync", data.GetProperty("type").GetString());
        Assert.Equal(Jpeg(), (await gateway.GetAsync(LinkOf(data))).Body);
    }

    [Fact]
    public async Task A_retried_body_makes_no_second_file()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetWuzAsync(instance);
        for (var i = 0; i < 3; i++)
            Assert.Equal(200, await gateway.PostAsync(path, WuzFile("3EB01", "image", "image/jpeg", Jpeg()), "application/json"));
        Assert.Single(await gateway.EventsAsync(instance));
        var item = Assert.Single((await gateway.CallAsync(instance, HttpMethod.Get, "/media")).GetProperty("items").EnumerateArray());
        Assert.Equal(IdOf(await gateway.NewestAsync(instance)), item.GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_message_without_a_file_has_no_link()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await gateway.PostAsync(await gateway.SetWuzAsync(instance), Encoding.UTF8.GetBytes(SourceCalls.WuzMessage("1")), "application/json");
        var data = await gateway.NewestAsync(instance);
        Assert.False(data.TryGetProperty("media", out _));
        Assert.False(data.TryGetProperty("media_url", out _));
    }

    [Fact]
    public async Task A_cloud_source_without_a_token_says_so_and_fetches_once_it_has_one()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:GraphUrl", server.Url + "/graph")));
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetCloudAsync(instance);
        Assert.False((await gateway.CallAsync(instance, HttpMethod.Get, "/sources/cloud")).GetProperty("has_access_token").GetBoolean());
        server.Graph("1", server.Serve("/f", Jpeg()));
        await gateway.PostCloudAsync(path, SourceCalls.CloudBody(CloudFile("image", "1", "wamid.1", "image/jpeg")));
        var data = await gateway.NewestAsync(instance);
        var answer = await gateway.GetAsync(LinkOf(data));
        Assert.Equal((424, "media_token_missing"), (answer.Status, answer.Error));
        var set = await gateway.CallAsync(instance, HttpMethod.Post, "/sources/cloud", new { access_token = Token });
        Assert.True(set.GetProperty("has_access_token").GetBoolean());
        Assert.DoesNotContain(Token, set.GetRawText(), StringComparison.Ordinal);
        var (status, item) = await gateway.SendAsync(HttpMethod.Post, $"/media/{IdOf(data)}/fetch", accessToken: instance.AccessToken);
        Assert.Equal((202, "pending"), (status, item.GetProperty("data").GetProperty("status").GetString()));
        Assert.Equal(Jpeg(), (await gateway.GetAsync(LinkOf(data))).Body);
        Assert.Equal(200, (await gateway.SendAsync(HttpMethod.Post, $"/media/{IdOf(data)}/fetch", accessToken: instance.AccessToken)).Status);
    }

    [Fact]
    public async Task A_source_without_a_token_is_told_of_once_until_it_has_one()
    {
        await using var server = await MediaServer.StartAsync();
        var log = new CapturedLog();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:GraphUrl", server.Url + "/graph")), configure: builder => builder.Logging.AddProvider(log));
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetCloudAsync(instance);
        server.Graph("1", server.Serve("/f", Jpeg()));
        for (var i = 0; i < 3; i++)
            await ReceiveAsync($"wamid.{i}", "failed");
        Assert.Equal(1, Told());
        Assert.DoesNotContain("could not be fetched (media_token_missing)", log.Text, StringComparison.Ordinal);
        await gateway.CallAsync(instance, HttpMethod.Post, "/sources/cloud", new { access_token = Token });
        await ReceiveAsync("wamid.3", "stored");
        Assert.Equal(1, Told());
        await gateway.CallAsync(instance, HttpMethod.Post, "/sources/cloud", "{\"access_token\":null}");
        for (var i = 4; i < 6; i++)
            await ReceiveAsync($"wamid.{i}", "failed");
        Assert.Equal(2, Told());

        int Told() => log.Text.Split($"The Cloud API source of {instance.Id} has no access token").Length - 1;

        async Task ReceiveAsync(string wamid, string status)
        {
            await gateway.PostCloudAsync(path, SourceCalls.CloudBody(CloudFile("image", "1", wamid, "image/jpeg")));
            var item = await gateway.WaitForAsync(instance, IdOf(await gateway.NewestAsync(instance)), status);
            if (status == "failed")
                Assert.Equal("media_token_missing", item.GetProperty("error").GetProperty("code").GetString());
        }
    }

    [Fact]
    public async Task An_access_token_stays_when_it_is_not_named_and_goes_when_it_is_null()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await gateway.SetCloudAsync(instance, more: CloudSettings());
        Assert.True((await gateway.CallAsync(instance, HttpMethod.Post, "/sources/cloud", new { failed_receipts = false })).GetProperty("has_access_token").GetBoolean());
        Assert.Equal((400, "invalid_source"), await gateway.RefusalAsync(instance, HttpMethod.Post, "/sources/cloud", new { access_token = "" }));
        Assert.True((await gateway.CallAsync(instance, HttpMethod.Get, "/sources/cloud")).GetProperty("has_access_token").GetBoolean());
        Assert.False((await gateway.CallAsync(instance, HttpMethod.Post, "/sources/cloud", "{\"access_token\":null}")).GetProperty("has_access_token").GetBoolean());
        // To who has none, null says nothing.
        Assert.False((await gateway.CallAsync(instance, HttpMethod.Post, "/sources/wuzapi", "{\"access_token\":null}")).GetProperty("has_access_token").GetBoolean());
    }

    [Fact]
    public async Task What_a_publisher_says_of_a_file_of_its_own_passes_through()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        const string Data = """{"type":"Message","media_url":"https://theirs.example.com/a","media":{"id":"theirs","more":[1]},"event":{}}""";
        Assert.Equal(202, (await gateway.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/events", $$"""{"type":"Message","data":{{Data}}}""", instance.AccessToken)).Status);
        Assert.Equal(Data, (await gateway.NewestAsync(instance)).GetRawText());
        Assert.Empty((await gateway.CallAsync(instance, HttpMethod.Get, "/media")).GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("has\nline")]
    [InlineData("")]
    public async Task An_access_token_that_is_none_is_refused(string token)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await gateway.SetCloudAsync(instance);
        Assert.Equal((400, "invalid_source"), await gateway.RefusalAsync(instance, HttpMethod.Post, "/sources/cloud", new { access_token = token }));
        Assert.Equal(400, (await gateway.RefusalAsync(instance, HttpMethod.Post, "/sources/wuzapi", new { access_token = "EAA" })).Status);
    }

    private static object CloudSettings() => new
    {
        phone_number_id = SourceCalls.Number, app_secret = SourceCalls.AppSecret, verify_token = SourceCalls.VerifyToken, waba_id = SourceCalls.Waba, access_token = Token,
    };

    private static byte[] ContentOf(string head) => [.. Convert.FromHexString(head), .. Jpeg(200_000).AsSpan(4)];

    private static async Task IsServedAsync(GatewayFixture gateway, JsonElement data, byte[] content, string type, string? name)
    {
        var media = data.GetProperty("media");
        Assert.Equal(type, media.GetProperty("mime_type").GetString());
        Assert.Equal(name, media.TryGetProperty("file_name", out var given) ? given.GetString() : null);
        // As a browser asks.
        var answer = await gateway.GetAsync(LinkOf(data), ("Accept", "*/*"), ("Range", "bytes=0-"), ("Accept-Encoding", "gzip, deflate, br"), ("Sec-Fetch-Mode", "navigate"));
        Assert.Equal(206, answer.Status);
        Assert.Equal(content, answer.Body);
        Assert.Equal(type, answer.Content.ContentType!.ToString());
        if (name is not null)
            Assert.EndsWith("filename*=UTF-8''" + Uri.EscapeDataString(name), answer.Content.GetValues("Content-Disposition").Single(), StringComparison.Ordinal);
    }
}
