using System.Text;
using VZaps.Gateway.Tests.Fixtures;
using VZaps.Gateway.Tests.Ingest.Sources;
using Xunit;
using static VZaps.Gateway.Tests.Media.MediaCalls;

namespace VZaps.Gateway.Tests.Media;

public sealed class MediaPublishTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_parts_come_in_either_order(bool fileFirst)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var (status, answer) = await gateway.PostFormAsync(instance, Form(Jpeg(), "a.jpg", "image/jpeg", """{"type":"Message","data":{"x":{"y":[1,2]},"media_url":"https://theirs.example.com"}}""", fileFirst));
        Assert.True(status == 202, answer);
        var data = await gateway.NewestAsync(instance);
        Assert.Equal("Message", data.GetProperty("type").GetString());
        Assert.Equal(2, data.GetProperty("x").GetProperty("y")[1].GetInt32());
        Assert.Equal(Jpeg(), (await gateway.GetAsync(LinkOf(data))).Body);
    }

    [Theory]
    [InlineData("""{"type":"Nonsense","data":{}}""", 400, "unknown_event_type")]
    [InlineData("""[{"type":"Message","data":{}},{"type":"Message","data":{}}]""", 400, "invalid_field")]
    [InlineData("""{"type":"Message","data":{"media_source_url":"https://example.com/a"}}""", 400, "invalid_field")]
    [InlineData("no json", 400, "invalid_json")]
    public async Task An_event_that_is_none_is_refused_and_its_file_is_not_kept(string json, int status, string code)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var (given, answer) = await gateway.PostFormAsync(instance, Form(Jpeg(), "a.jpg", "image/jpeg", json));
        Assert.Equal(status, given);
        Assert.Contains(code, answer, StringComparison.Ordinal);
        Assert.Empty(FilesOf(gateway));
        Assert.Empty((await gateway.CallAsync(instance, HttpMethod.Get, "/media")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_form_that_is_not_whole_is_refused()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var withoutFile = new MultipartFormDataContent { { new StringContent("""{"type":"Message","data":{}}"""), "event" } };
        var withoutEvent = new MultipartFormDataContent { { new ByteArrayContent(Jpeg()), "file", "a.jpg" } };
        var twice = Form(Jpeg(), "a.jpg", "image/jpeg");
        twice.Add(new ByteArrayContent(Jpeg()), "file", "b.jpg");
        foreach (var form in new[] { withoutFile, withoutEvent, twice })
            Assert.Equal(400, (await gateway.PostFormAsync(instance, form)).Status);
        var cut = new ByteArrayContent(Encoding.ASCII.GetBytes("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nabc"));
        cut.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=x");
        Assert.Equal(400, (await gateway.PostFormAsync(instance, cut)).Status);
        Assert.Empty(await gateway.EventsAsync(instance));
    }

    [Theory]
    [InlineData(50_000, 202)]
    [InlineData(50_001, 413)]
    [InlineData(5_000_000, 413)]
    public async Task A_file_may_have_as_many_bytes_as_the_option_says(int bytes, int status)
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(("Media:MaxFileBytes", "50000")));
        var instance = await gateway.NewInstanceAsync();
        var (given, answer) = await gateway.PostFormAsync(instance, Form(Jpeg(bytes), "a.jpg", "image/jpeg"));
        Assert.Equal(status, given);
        if (status == 413)
            Assert.Contains("media_too_large", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_key_twice_is_one_event_with_the_first_file()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        const string Json = """{"type":"Message","data":{},"idempotency_key":"k"}""";
        await gateway.PostFormAsync(instance, Form(Jpeg(seed: 1), "a.jpg", "image/jpeg", Json));
        Assert.Equal(202, (await gateway.PostFormAsync(instance, Form(Jpeg(seed: 2), "b.jpg", "image/jpeg", Json))).Status);
        Assert.Single(await gateway.EventsAsync(instance));
        Assert.Single((await gateway.CallAsync(instance, HttpMethod.Get, "/media")).GetProperty("items").EnumerateArray());
        Assert.Equal(Jpeg(seed: 1), (await gateway.GetAsync(LinkOf(await gateway.NewestAsync(instance)))).Body);
    }

    [Fact]
    public async Task The_same_bytes_are_on_the_disk_once()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var links = new List<string>();
        for (var i = 0; i < 3; i++)
            links.Add(LinkOf(await gateway.PublishFileAsync(instance, Jpeg(), $"{i}.jpg")));
        Assert.Equal(3, links.Distinct().Count());
        Assert.Single(FilesOf(gateway));
    }

    [Theory]
    [InlineData("7")]
    [InlineData("\"\"")]
    [InlineData("\"ftp://example.com/a\"")]
    [InlineData("\"https://user@example.com/a\"")]
    [InlineData("\"/relative\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("null")]
    public async Task A_url_that_cannot_be_one_is_refused_with_the_place_of_its_event(string url)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var body = $$$"""[{"type":"Message","data":{"media_source_url":"https://example.com/good"}},{"type":"Message","data":{"media_source_url":{{{url}}}}}]""";
        var (status, answer) = await gateway.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/events", body, instance.AccessToken);
        Assert.Equal((400, "invalid_field", 1), (status, answer.GetProperty("error").GetString(), answer.GetProperty("index").GetInt32()));
        Assert.Empty(await gateway.EventsAsync(instance));
        Assert.Empty((await gateway.CallAsync(instance, HttpMethod.Get, "/media")).GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData("""{"size":"12"}""")]
    [InlineData("""{"size":-1}""")]
    [InlineData("""{"sha256":"abc"}""")]
    [InlineData("""{"mime_type":7}""")]
    [InlineData("[]")]
    public async Task What_is_said_of_a_file_has_its_form(string media)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var body = $$$"""{"type":"Message","data":{"media_source_url":"https://example.com/a","media":{{{media}}}}}""";
        var (status, answer) = await gateway.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/events", body, instance.AccessToken);
        Assert.Equal((400, "invalid_field"), (status, answer.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task An_event_keeps_its_time_and_everything_else_of_its_data()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings());
        var instance = await gateway.NewInstanceAsync();
        var url = server.Serve("/f", Jpeg());
        var lines = $$$$"""
            {"type":"Presence","data":{"a":1}}
            {"type":"Message","created_at":"2026-06-23T22:57:17.123Z","data":{"type":"Message","mediaSourceUrl":"{{{{url}}}}","é \" \\":{"z":[1,"ä",null]},"event":{"text":"olá"}}}
            """;
        using var content = new StringContent(lines, Encoding.UTF8, "application/x-ndjson");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/instances/{instance.Id}/events") { Content = content };
        request.Headers.Authorization = new("Bearer", instance.AccessToken);
        using var answer = await gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(202, (int)answer.StatusCode);
        var events = await gateway.EventsAsync(instance);
        Assert.False(events[0].GetProperty("data").TryGetProperty("media", out _));
        Assert.Equal("2026-06-23T22:57:17.123Z", events[1].GetProperty("created_at").GetString());
        var data = events[1].GetProperty("data");
        Assert.False(data.TryGetProperty("mediaSourceUrl", out _));
        Assert.Equal("ä", data.GetProperty("é \" \\").GetProperty("z")[1].GetString());
        Assert.Equal("olá", data.GetProperty("event").GetProperty("text").GetString());
        Assert.Equal(Jpeg(), (await gateway.GetAsync(LinkOf(data))).Body);
    }

    [Fact]
    public async Task An_event_that_is_too_large_with_its_link_is_refused()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var data = new { media_source_url = "https://example.com/a", text = new string('x', 1_047_500) };
        var (status, answer) = await gateway.SendAsync(HttpMethod.Post, $"/instances/{instance.Id}/events", new { type = "Message", data }, instance.AccessToken);
        Assert.Equal((413, "event_too_large"), (status, answer.GetProperty("error").GetString()));
    }
}
