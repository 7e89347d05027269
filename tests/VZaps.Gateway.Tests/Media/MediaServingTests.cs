using System.Net;
using System.Security.Cryptography;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;
using static VZaps.Gateway.Tests.Media.MediaCalls;

namespace VZaps.Gateway.Tests.Media;

public sealed class MediaServingTests
{
    [Theory]
    [InlineData("orçamento São João.pdf", "application/pdf", "%PDF-1.7", "inline; filename=\"or_amento S_o Jo_o.pdf\"; filename*=UTF-8''or%C3%A7amento%20S%C3%A3o%20Jo%C3%A3o.pdf")]
    [InlineData("عرض.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "PK\u0003\u0004", "attachment; filename=\"___.docx\"; filename*=UTF-8''%D8%B9%D8%B1%D8%B6.docx")]
    [InlineData("page.html", "text/html", "<!DOCTYPE html><script>alert(1)</script>", "attachment; filename=\"page.html\"; filename*=UTF-8''page.html")]
    [InlineData("a.svg", "image/svg+xml", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "attachment; filename=\"a.svg\"; filename*=UTF-8''a.svg")]
    public async Task A_file_comes_with_its_name_and_type_and_runs_nothing(string name, string type, string content, string disposition)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var bytes = System.Text.Encoding.Latin1.GetBytes(content);
        var data = await gateway.PublishFileAsync(instance, bytes, name, type);
        var media = data.GetProperty("media");
        Assert.Equal((name, type, bytes.Length, "stored"), (media.GetProperty("file_name").GetString(), media.GetProperty("mime_type").GetString(), media.GetProperty("size").GetInt32(), media.GetProperty("status").GetString()));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), media.GetProperty("sha256").GetString());
        var answer = await gateway.GetAsync(LinkOf(data));
        Assert.Equal(200, answer.Status);
        Assert.Equal(bytes, answer.Body);
        Assert.Equal(type, answer.Content.ContentType!.ToString());
        Assert.Equal(disposition, answer.Content.GetValues("Content-Disposition").Single());
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        // A PDF runs nothing by itself.
        if (type == "application/pdf")
            Assert.False(answer.Headers.Contains("Content-Security-Policy"));
        else
            Assert.Contains("sandbox", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal($"\"{media.GetProperty("sha256").GetString()}\"", answer.Headers.ETag!.Tag);
        Assert.Equal("bytes", answer.Headers.AcceptRanges.Single());
    }

    [Fact]
    public async Task A_file_without_a_name_has_the_one_of_its_id_and_type()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var data = await gateway.PublishFileAsync(instance, Jpeg(), name: "..");
        Assert.False(data.GetProperty("media").TryGetProperty("file_name", out _));
        Assert.Contains($"filename=\"{IdOf(data)}.jpg\"", (await gateway.GetAsync(LinkOf(data))).Content.GetValues("Content-Disposition").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bytes=0-", 206, 0, 5_000)]
    [InlineData("bytes=0-99", 206, 0, 100)]
    [InlineData("bytes=4990-", 206, 4_990, 10)]
    [InlineData("bytes=-10", 206, 4_990, 10)]
    [InlineData("bytes=4990-9999", 206, 4_990, 10)]
    [InlineData("lines=1-2", 200, 0, 5_000)]
    public async Task A_range_is_answered_with_what_it_asks_for(string range, int status, int from, int count)
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var content = Jpeg(5_000);
        var answer = await gateway.GetAsync(LinkOf(await gateway.PublishFileAsync(instance, content)), ("Range", range));
        Assert.Equal(status, answer.Status);
        Assert.Equal(content[from..(from + count)], answer.Body);
        if (status == 206)
            Assert.Equal((from, from + count - 1, 5_000), (answer.Content.ContentRange!.From, answer.Content.ContentRange.To, answer.Content.ContentRange.Length));
    }

    [Fact]
    public async Task What_the_client_has_is_not_sent_and_what_is_not_there_cannot_be()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var content = Jpeg(5_000);
        var link = LinkOf(await gateway.PublishFileAsync(instance, content));
        var tag = (await gateway.GetAsync(link)).Headers.ETag!.Tag;
        var same = await gateway.GetAsync(link, ("If-None-Match", tag));
        Assert.Equal((304, 0), (same.Status, same.Body.Length));
        Assert.Equal(206, (await gateway.GetAsync(link, ("Range", "bytes=1-2"), ("If-Range", tag))).Status);
        Assert.Equal(content, (await gateway.GetAsync(link, ("Range", "bytes=1-2"), ("If-Range", "\"other\""))).Body);
        var outside = await gateway.GetAsync(link, ("Range", "bytes=5000-"));
        Assert.Equal((416, "range_not_satisfiable", 5_000), (outside.Status, outside.Error, outside.Content.ContentRange!.Length));
        Assert.False(outside.Content.Contains("Content-Disposition"));
    }

    [Fact]
    public async Task A_head_has_everything_but_the_bytes()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        using var request = new HttpRequestMessage(HttpMethod.Head, LinkOf(await gateway.PublishFileAsync(instance, Jpeg(5_000))));
        using var answer = await gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, 5_000, "image/jpeg"), (answer.StatusCode, answer.Content.Headers.ContentLength, answer.Content.Headers.ContentType!.MediaType));
    }

    [Fact]
    public async Task The_list_has_pages_and_can_be_asked_for_by_status()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
            ids.Insert(0, IdOf(await gateway.PublishFileAsync(instance, Jpeg(seed: (byte)i))));
        var (read, after) = (new List<string>(), "");
        while (true)
        {
            var page = await gateway.CallAsync(instance, HttpMethod.Get, $"/media?limit=2{after}");
            read.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!));
            if (!page.GetProperty("has_more").GetBoolean())
                break;
            after = "&after=" + page.GetProperty("next_after").GetString();
        }

        Assert.Equal(ids.Order(StringComparer.Ordinal), read.Order(StringComparer.Ordinal));
        Assert.Equal(5, read.Distinct().Count());
        Assert.Equal(0, (await gateway.CallAsync(instance, HttpMethod.Get, "/media?status=pending,failed")).GetProperty("items").GetArrayLength());
        Assert.Equal(5, (await gateway.CallAsync(instance, HttpMethod.Get, "/media?status=stored")).GetProperty("items").GetArrayLength());
        Assert.Equal((400, "invalid_status"), await gateway.RefusalAsync(instance, HttpMethod.Get, "/media?status=lost"));
        Assert.Equal((404, "media_not_found"), await gateway.RefusalAsync(instance, HttpMethod.Get, "/media?after=med_x"));
    }

    [Fact]
    public async Task The_files_of_a_deleted_instance_are_gone()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var link = LinkOf(await gateway.PublishFileAsync(instance, Jpeg()));
        await gateway.SendAsync(HttpMethod.Delete, $"/instances/{instance.Id}", accessToken: instance.AccessToken);
        var answer = await gateway.GetAsync(link);
        Assert.Equal((410, "media_gone"), (answer.Status, answer.Error));
    }
}
