using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;
using static VZaps.Gateway.Tests.Ingest.Sources.SourceCalls;

namespace VZaps.Gateway.Tests.Ingest.Sources.WuzApi;

public sealed class WuzSourceTests
{
    private const string Json = "application/json", Form = "application/x-www-form-urlencoded";

    [Fact]
    public async Task Every_payload_ends_in_the_log_as_it_should_and_the_account_closes()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        foreach (var name in ExpectedMapping.NamesOf("WuzApi"))
        {
            var instance = await gateway.NewInstanceAsync();
            var path = await gateway.SetWuzAsync(instance);
            var expected = ExpectedMapping.Read("WuzApi", name);
            var connects = expected.IsConnected ? 1 : 0;
            if (expected.IsConnected)
                await gateway.PostAsync(path, """{"type":"Connected","event":{}}"""u8.ToArray(), Json);
            Assert.Equal(200, await gateway.PostAsync(path, expected.Body, Json));
            var account = await gateway.AccountAsync(instance, "wuzapi");
            Assert.True(expected.OutcomeCount + connects == account.Received, name);
            // A second 'Connected' in the same minute is the same one.
            Assert.True(expected.EventCount + connects == account.Published + account.Duplicates, name);
            Assert.Equal(account.Published, (await gateway.EventsAsync(instance)).Length);
        }
    }

    [Fact]
    public async Task A_source_without_a_key_takes_what_comes_to_its_secret_url_and_nothing_else()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetWuzAsync(instance);
        var body = Encoding.UTF8.GetBytes(WuzMessage("1"));
        Assert.Equal(404, await gateway.PostAsync(path[..path.LastIndexOf('/')], body, Json));
        Assert.Equal(404, await gateway.PostAsync(path + "x", body, Json));
        Assert.Equal(404, await gateway.PostAsync("/sources/src_unknown/secret", body, Json));
        Assert.Equal(200, await gateway.PostAsync(path, body, Json));
        Assert.Equal(200, await gateway.PostAsync(path, Encoding.UTF8.GetBytes("jsonData=" + Uri.EscapeDataString(WuzMessage("2")) + "&userID=u1"), Form));
        Assert.Equal(2, (await gateway.EventsAsync(instance)).Length);
        using var get = await gateway.Client.GetAsync(path);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
    }

    [Fact]
    public async Task A_source_with_a_key_takes_what_is_signed_with_it_and_nothing_else()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetWuzAsync(instance, HmacKey);
        foreach (var (body, type) in new[] { (WuzMessage("1"), Json), ("instanceName=shop&jsonData=" + Uri.EscapeDataString(WuzMessage("2")), Form) })
        {
            var bytes = Encoding.UTF8.GetBytes(body);
            var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(HmacKey), bytes));
            Assert.Equal(401, await gateway.PostAsync(path, bytes, type));
            Assert.Equal(401, await gateway.PostAsync(path, bytes, type, ("x-hmac-signature", signature[1..])));
            Assert.Equal(401, await gateway.PostAsync(path, [.. bytes, (byte)' '], type, ("x-hmac-signature", signature)));
            Assert.Equal(200, await gateway.PostAsync(path, bytes, type, ("x-hmac-signature", signature)));
        }

        Assert.Equal(2, (await gateway.EventsAsync(instance)).Length);
    }

    [Fact]
    public async Task A_retry_after_half_a_year_of_minutes_is_no_second_message()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetWuzAsync(instance);
        for (var i = 0; i < 3; i++)
            Assert.Equal(200, await gateway.PostAsync(path, Encoding.UTF8.GetBytes(WuzMessage("1")), Json));
        Assert.Single(await gateway.EventsAsync(instance));
        Assert.Equal(2, (await gateway.AccountAsync(instance, "wuzapi")).Duplicates);
    }

    [Fact]
    public async Task The_own_number_is_learned_and_a_group_that_the_account_joins_names_it()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetWuzAsync(instance);
        foreach (var name in new[] { "what-the-account-sent-from-another-device-is-a-message", "a-group-that-the-account-was-added-to-adds-the-account" })
            Assert.Equal(200, await gateway.PostAsync(path, ExpectedMapping.Read("WuzApi", name).Body, Json));
        Assert.Equal("15550001111", (await gateway.CallAsync(instance, HttpMethod.Get, "/sources/wuzapi")).GetProperty("phone_number").GetString());
        Assert.Equal("15550001111@s.whatsapp.net", (await gateway.EventsAsync(instance))[1].GetProperty("data").GetProperty("event").GetProperty("Join")[0].GetString());
    }

    [Fact]
    public async Task Another_phone_that_is_paired_is_the_number_from_then_on()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetWuzAsync(instance);
        foreach (var (body, number) in new[]
        {
            ("""{"type":"PairSuccess","event":{"ID":"15550001111:3@s.whatsapp.net"}}""", "15550001111"),
            ("""{"type":"PairSuccess","event":{"ID":"15550003333:1@s.whatsapp.net"}}""", "15550003333"),
            ("""{"type":"Message","event":{"Info":{"ID":"1","Chat":"a@g.us","IsFromMe":true,"IsGroup":true,"Sender":"9876:1@lid","SenderAlt":"15550004444@s.whatsapp.net"}}}""", "15550004444"),
        })
        {
            Assert.Equal(200, await gateway.PostAsync(path, Encoding.UTF8.GetBytes(body), Json));
            Assert.Equal(number, (await gateway.CallAsync(instance, HttpMethod.Get, "/sources/wuzapi")).GetProperty("phone_number").GetString());
        }
    }

    [Fact]
    public async Task A_receipt_of_each_device_is_an_event()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetWuzAsync(instance);
        foreach (var sender in new[] { "15550002222@s.whatsapp.net", "15550002222:7@s.whatsapp.net", "15550002222:7@s.whatsapp.net" })
        {
            Assert.Equal(200, await gateway.PostAsync(path, Encoding.UTF8.GetBytes(
                $$$"""{"type":"ReadReceipt","state":"Delivered","event":{"Chat":"15550002222@s.whatsapp.net","Sender":"{{{sender}}}","MessageIDs":["1"],"Timestamp":"2026-06-23T19:59:00-03:00","Type":""}}"""), Json));
        }

        Assert.Equal(2, (await gateway.EventsAsync(instance)).Length);
    }

    [Fact]
    public async Task What_is_kept_of_a_form_names_its_user_so_that_it_has_the_same_key_when_it_is_mapped_again()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetWuzAsync(instance);
        foreach (var body in new[] { """ {"type":"Message","event":"x"}""", "{ }" })
            Assert.Equal(200, await gateway.PostAsync(path, Encoding.UTF8.GetBytes($"jsonData={Uri.EscapeDataString(body)}&userID=u1"), Form));
        var kept = (await gateway.CallAsync(instance, HttpMethod.Get, "/sources/wuzapi/kept")).GetProperty("payloads").EnumerateArray().Select(one => one.GetProperty("body").GetString());
        Assert.Equal(["""{"userID":"u1" }""", """{"userID":"u1","type":"Message","event":"x"}"""], kept);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_limit_is_refused_and_leaves_no_file(bool saysItsLength)
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: new(StringComparer.Ordinal) { ["Sources:WuzApiMaxBodyBytes"] = "1048576" });
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetWuzAsync(instance);
        var body = Encoding.UTF8.GetBytes(WuzMessage("1", $",\"base64\":\"{new string('A', 1_200_000)}\""));
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = saysItsLength ? new ByteArrayContent(body) : new StreamContent(new MemoryStream(body)) };
        request.Headers.TransferEncodingChunked = !saysItsLength;
        request.Headers.ExpectContinue = saysItsLength;
        request.Content.Headers.ContentType = new(Json);
        using var answer = await gateway.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Empty(await gateway.EventsAsync(instance));
        var files = new DirectoryInfo(Path.Combine(gateway.DataPath, "files"));
        Assert.True(!files.Exists || files.GetFiles().Length == 0);
    }

    [Fact]
    public async Task A_logout_disconnects_and_connected_connects()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetWuzAsync(instance);
        foreach (var (body, isConnected) in new[] { ("""{"type":"Connected","event":{}}""", true), ("""{"type":"LoggedOut","event":{"Reason":401}}""", false) })
        {
            Assert.Equal(200, await gateway.PostAsync(path, Encoding.UTF8.GetBytes(body), Json));
            Assert.Equal(isConnected, (await gateway.CallAsync(instance, HttpMethod.Get, "/sources/wuzapi")).GetProperty("connected").GetBoolean());
        }
    }

    [Fact]
    public async Task No_secret_of_a_sender_reaches_the_log_or_the_data_folder()
    {
        var log = new CapturedLog();
        var folder = GatewayFixture.NewFolder();
        string secret;
        await using (var gateway = await GatewayFixture.StartAsync(folder, configure: builder =>
        {
            builder.Logging.AddProvider(log).SetMinimumLevel(LogLevel.Trace).AddFilter("Microsoft.AspNetCore", LogLevel.Trace);
        }))
        {
            var instance = await gateway.NewInstanceAsync();
            var path = await gateway.SetWuzAsync(instance);
            secret = path[(path.LastIndexOf('/') + 1)..];
            await gateway.PostAsync(path, Encoding.UTF8.GetBytes("token=wuzapi-user-token&jsonData=" + Uri.EscapeDataString(WuzMessage("1"))), Form);
            await gateway.PostAsync(path.ToUpperInvariant(), "{}"u8.ToArray(), Json);
            await gateway.PostAsync("/consumers/billing" + path, "{}"u8.ToArray(), Json);
            await gateway.PostAsync(path + "/more", "{}"u8.ToArray(), Json);
            await gateway.SetCloudAsync(instance);
            Assert.EndsWith("/***", (await gateway.CallAsync(instance, HttpMethod.Get, "/sources/wuzapi")).GetProperty("url").GetString(), StringComparison.Ordinal);
            var shown = (await gateway.CallAsync(instance, HttpMethod.Get, "/sources")).GetRawText();
            foreach (var hidden in new[] { secret, AppSecret, VerifyToken })
                Assert.DoesNotContain(hidden, shown, StringComparison.Ordinal);
        }

        Assert.Contains("/sources/", log.Text, StringComparison.Ordinal);
        var kept = string.Concat(Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(path => Encoding.Latin1.GetString(File.ReadAllBytes(path))));
        foreach (var hidden in new[] { secret, AppSecret, VerifyToken, "wuzapi-user-token" })
        {
            Assert.DoesNotContain(hidden, log.Text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(hidden, kept, StringComparison.Ordinal);
        }

        Directory.Delete(folder, recursive: true);
    }
}
