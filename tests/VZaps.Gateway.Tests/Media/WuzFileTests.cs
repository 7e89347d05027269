using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VZaps.Gateway.Media;
using VZaps.Gateway.Storage;
using VZaps.Gateway.Tests.Fixtures;
using VZaps.Gateway.Tests.Ingest.Sources;
using Xunit;
using static VZaps.Gateway.Tests.Media.MediaCalls;

namespace VZaps.Gateway.Tests.Media;

/// <summary>What a message of wuzapi says of its file, beside the file in it and in S3.</summary>
public sealed class WuzFileTests
{
    private const string OtherThanSaid = "has another length or SHA-256 than its message says", OtherHash = "has another SHA-256 than its event or the Graph API says";

    private static readonly (string, string)[] Quick = [("Media:RetrySchedule", "00:00:00.1,00:00:00.1")];

    [Theory]
    [InlineData(5_000, "stored", null)]
    [InlineData(4_999, "failed", "media_wrong_length")]
    [InlineData(5_001, "failed", "media_wrong_length")]
    [InlineData(0, "stored", null)]
    [InlineData(-1, "stored", null)]
    public async Task A_file_in_s3_has_as_many_bytes_as_wuzapi_put_there(int size, string status, string? code)
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(Quick));
        var instance = await gateway.NewInstanceAsync();
        await ReceiveAsync(gateway, instance, content: null, server.Serve("/f", Jpeg(5_000)), s3Size: size);
        var item = await gateway.WaitForAsync(instance, IdOf(await gateway.NewestAsync(instance)), status);
        Assert.Equal(code, item.GetProperty("error") is { ValueKind: JsonValueKind.Object } error ? error.GetProperty("code").GetString() : null);
        // A file that is being written is there at the next attempt.
        Assert.Equal(code is null ? 1 : 3, server.Requests.Count);
    }

    [Theory]
    [InlineData("imageMessage", 5_000L, true, false)]
    [InlineData("imageMessage", 4_999L, true, true)]
    [InlineData("imageMessage", null, false, true)]
    [InlineData("videoMessage", 4_999L, true, true)]
    [InlineData("audioMessage", null, false, true)]
    [InlineData("documentMessage", 4_999L, null, true)]
    [InlineData("stickerMessage", null, false, true)]
    [InlineData("imageMessage", null, null, false)]
    // No file's.
    [InlineData("locationMessage", 1L, false, false)]
    public async Task What_the_message_says_of_a_file_within_it_is_noted_and_the_file_is_kept(string member, long? length, bool? isHashRight, bool isNoted)
    {
        var log = new CapturedLog();
        await using var gateway = await GatewayFixture.StartAsync(configure: builder => builder.Logging.AddProvider(log));
        var instance = await gateway.NewInstanceAsync();
        await ReceiveAsync(gateway, instance, Jpeg(5_000), s3Url: null, member: member, length: length, isHashRight: isHashRight);
        Assert.Equal(Jpeg(5_000), (await gateway.GetAsync(LinkOf(await gateway.NewestAsync(instance)))).Body);
        Assert.Equal(isNoted, log.Text.Contains(OtherThanSaid, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(5_000L, true, null)]
    [InlineData(4_999L, true, OtherThanSaid)]
    [InlineData(5_000L, false, OtherHash)]
    public async Task What_the_message_says_of_a_file_in_s3_is_noted_and_the_file_is_kept(long length, bool isHashRight, string? noted)
    {
        await using var server = await MediaServer.StartAsync();
        var log = new CapturedLog();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(Quick), configure: builder => builder.Logging.AddProvider(log));
        var instance = await gateway.NewInstanceAsync();
        await ReceiveAsync(gateway, instance, content: null, server.Serve("/f", Jpeg(5_000)), s3Size: 5_000, length: length, isHashRight: isHashRight);
        Assert.Equal(Jpeg(5_000), (await gateway.GetAsync(LinkOf(await gateway.NewestAsync(instance)))).Body);
        foreach (var line in new[] { OtherThanSaid, OtherHash })
            Assert.Equal(line == noted, log.Text.Contains(line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_the_disk_did_not_take_is_fetched_from_s3_where_it_is_there_too()
    {
        await using var server = await MediaServer.StartAsync();
        TestSpace? space = null;
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(Quick), configure: builder =>
            builder.Services.AddSingleton<FreeSpace>(provider => space = new TestSpace(provider.GetRequiredService<DataFolder>()) { Free = (1L << 30) - 1 }));
        var instance = await gateway.NewInstanceAsync();
        await ReceiveAsync(gateway, instance, Jpeg(), server.Serve("/f", Jpeg()) + "?X-Amz-Signature=secret", s3Size: 5_000);
        var data = await gateway.NewestAsync(instance);
        Assert.Equal(("pending", 5_000, false), (data.GetProperty("media").GetProperty("status").GetString(), data.GetProperty("media").GetProperty("size").GetInt32(), data.GetProperty("media").TryGetProperty("sha256", out _)));
        Assert.Empty(server.Requests);
        space!.Free = 1L << 30;
        var item = await gateway.WaitForAsync(instance, IdOf(data), "stored");
        Assert.Equal((1, Convert.ToHexStringLower(SHA256.HashData(Jpeg()))), (item.GetProperty("attempts").GetInt32(), item.GetProperty("sha256").GetString()));
        Assert.Equal(Jpeg(), (await gateway.GetAsync(LinkOf(data))).Body);
        Assert.Equal("", Assert.Single(server.Requests).Authorization);
    }

    [Fact]
    public async Task A_file_that_the_disk_took_is_not_fetched_and_its_link_is_not_kept()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(Quick));
        var instance = await gateway.NewInstanceAsync();
        await ReceiveAsync(gateway, instance, Jpeg(), server.Serve("/f", Jpeg()), s3Size: 1);
        var data = await gateway.NewestAsync(instance);
        Assert.Equal(("stored", 5_000), (data.GetProperty("media").GetProperty("status").GetString(), data.GetProperty("media").GetProperty("size").GetInt32()));
        Assert.Null((await RowOfAsync(gateway, data)).Url);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("ftp://example.com/f", 19)]
    [InlineData("no url", 6)]
    [InlineData("https://user:secret@example.com/f", 33)]
    [InlineData("https://example.com/", 8_193)]
    [InlineData("https://example.com/", 200_000)]
    public async Task A_link_that_is_none_costs_the_file_and_not_the_event(string url, int length)
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(Quick));
        var instance = await gateway.NewInstanceAsync();
        await ReceiveAsync(gateway, instance, content: null, "   " + url.PadRight(length, 'a') + "   ");
        var data = await gateway.NewestAsync(instance);
        var item = await gateway.WaitForAsync(instance, IdOf(data), "failed");
        Assert.Equal(("media_bad_url", 1), (item.GetProperty("error").GetProperty("code").GetString(), item.GetProperty("attempts").GetInt32()));
        // What is kept of it is bounded.
        Assert.InRange((await RowOfAsync(gateway, data)).Url!.Length, 1, 8_500);
    }

    [Fact]
    public async Task A_link_that_was_presigned_with_the_token_of_a_session_is_fetched()
    {
        await using var server = await MediaServer.StartAsync();
        await using var gateway = await GatewayFixture.StartAsync(settings: Settings(Quick));
        var instance = await gateway.NewInstanceAsync();
        await ReceiveAsync(gateway, instance, content: null, (server.Serve("/f", Jpeg()) + "?X-Amz-Security-Token=").PadRight(4_000, 'a'), s3Size: 5_000);
        Assert.Equal(Jpeg(), (await gateway.GetAsync(LinkOf(await gateway.NewestAsync(instance)))).Body);
    }

    private static async Task<MediaRow> RowOfAsync(GatewayFixture gateway, JsonElement data)
    {
        Assert.True(MediaId.TryParse(IdOf(data), out var id));
        return (await gateway.Get<MediaCatalog>().FindAsync(id, TestContext.Current.CancellationToken))!;
    }

    private static async Task ReceiveAsync(
        GatewayFixture gateway, TestInstance instance, byte[]? content, string? s3Url, int? s3Size = null, string member = "imageMessage", long? length = null, bool? isHashRight = null)
    {
        var body = JsonNode.Parse(WuzFile("3EB01", "image", "image/jpeg", content, s3Url))!.AsObject();
        if (s3Size is not null)
            body["s3"]!["size"] = s3Size;
        var hash = SHA256.HashData(Jpeg(isHashRight == false ? 1_000 : 5_000));
        body["event"]!["Message"] = new JsonObject { [member] = new JsonObject { ["fileLength"] = length, ["fileSHA256"] = isHashRight is null ? null : Convert.ToBase64String(hash) } };
        // With the default escapes: plus signs in base64 come as \u002B.
        Assert.Equal(200, await gateway.PostAsync(await gateway.SetWuzAsync(instance), Encoding.UTF8.GetBytes(body.ToJsonString()), "application/json"));
    }
}
