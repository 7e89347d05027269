using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VZaps.Gateway.Accounts;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;
using static VZaps.Gateway.Tests.Ingest.Sources.SourceCalls;

namespace VZaps.Gateway.Tests.Ingest.Sources.CloudApi;

public sealed class CloudSourceTests
{
    [Fact]
    public async Task The_handshake_gives_the_challenge_back_byte_for_byte_and_only_for_the_token()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var path = await gateway.SetCloudAsync(await gateway.NewInstanceAsync());
        const string Challenge = "11584+<x>&é ü";
        var right = $"{path}?hub.mode=subscribe&hub.verify_token={VerifyToken}&hub.challenge={Uri.EscapeDataString(Challenge)}";
        using var answer = await gateway.Client.GetAsync(right);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/plain", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(Encoding.UTF8.GetBytes(Challenge), await answer.Content.ReadAsByteArrayAsync());
        foreach (var wrong in new[] { right.Replace(VerifyToken, "another", StringComparison.Ordinal), right.Replace("hub.mode=subscribe&", "", StringComparison.Ordinal), path })
        {
            using var refusal = await gateway.Client.GetAsync(wrong);
            Assert.Equal(HttpStatusCode.Forbidden, refusal.StatusCode);
        }
    }

    [Fact]
    public async Task Every_payload_ends_in_the_log_as_it_should_and_the_account_closes()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        foreach (var name in ExpectedMapping.NamesOf("CloudApi"))
        {
            var (one, other) = (await gateway.NewInstanceAsync(), await gateway.NewInstanceAsync());
            var path = await gateway.SetCloudAsync(one, more: new { phone_number_id = Number, app_secret = AppSecret, waba_id = Waba, phone_number = "15550001111" });
            await gateway.SetCloudAsync(other, OtherNumber, new { phone_number_id = OtherNumber, app_secret = AppSecret, phone_number = "15550009999" });
            var expected = ExpectedMapping.Read("CloudApi", name);
            Assert.Equal(200, await gateway.PostCloudAsync(path, expected.Body));
            var (account, others) = (await gateway.AccountAsync(one, "cloud"), await gateway.AccountAsync(other, "cloud"));
            Assert.True(expected.OutcomeCount == account.Received + others.Received, name);
            Assert.True(expected.EventCount == account.Published + others.Published, name);
            Assert.Equal(account.Published, (await gateway.EventsAsync(one)).Length);
            Assert.Equal(others.Published, (await gateway.EventsAsync(other)).Length);
            foreach (var instance in new[] { one, other })
                await gateway.SendAsync(HttpMethod.Delete, $"/instances/{instance.Id}", accessToken: instance.AccessToken);
        }
    }

    [Fact]
    public async Task A_body_that_is_not_signed_with_the_app_secret_is_refused_and_leaves_nothing()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetCloudAsync(instance);
        var body = Encoding.UTF8.GetBytes(CloudBody(TextMessage("m1")));
        foreach (var signature in new[] { null, "", "sha256=00", CloudSignature(body, "another secret"), CloudSignature([.. body, (byte)' ']) })
            Assert.Equal(401, await gateway.PostAsync(path, body, "application/json", ("X-Hub-Signature-256", signature)));
        Assert.Equal(404, await gateway.PostAsync("/sources/src_unknown", body, "application/json", ("X-Hub-Signature-256", CloudSignature(body))));
        Assert.Empty(await gateway.EventsAsync(instance));
        Assert.Equal(0, (await gateway.AccountAsync(instance, "cloud")).Received);
    }

    [Fact]
    public async Task A_number_that_nobody_claims_is_answered_200_counted_and_logged_once()
    {
        var log = new CapturedLog();
        await using var gateway = await GatewayFixture.StartAsync(configure: builder => builder.Logging.AddProvider(log));
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetCloudAsync(instance);
        for (var i = 0; i < 3; i++)
            Assert.Equal(200, await gateway.PostCloudAsync(path, CloudBody(TextMessage($"m{i}", "999"))));
        Assert.Equal(3, (await gateway.AccountAsync(instance, "cloud")).NotMapped["unknown_number"]);
        Assert.Equal(200, await gateway.PostCloudAsync(path, CloudBody(TextMessage("m", new string('8', 100_000)))));
        Assert.Contains(new string('8', 64) + "'", log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(new string('8', 65), log.Text, StringComparison.Ordinal);
        Assert.Single(log.Text.Split('\n'), line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("phone_number_id '999'", StringComparison.Ordinal));
        Assert.Empty(await gateway.EventsAsync(instance));
    }

    [Fact]
    public async Task A_number_of_another_account_is_not_reached_through_the_url_of_this_one()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var mine = await gateway.NewInstanceAsync();
        var path = await gateway.SetCloudAsync(mine);
        var made = AccountStore.NewCredentials();
        await gateway.Get<AccountStore>().AddAsync("Other", made, TestContext.Current.CancellationToken);
        await gateway.Get<AccountDirectory>().RefreshAsync(TestContext.Current.CancellationToken);
        var token = await gateway.TokenAsync(made.ClientToken, made.ClientSecret);
        var (id, instanceToken) = await gateway.CreateInstanceAsync(token);
        var theirs = new TestInstance(id, instanceToken, token);
        await gateway.SetCloudAsync(theirs, OtherNumber);
        Assert.Equal(200, await gateway.PostCloudAsync(path, CloudBody(TextMessage("m1", OtherNumber))));
        Assert.Empty(await gateway.EventsAsync(theirs));
        Assert.Equal(1, (await gateway.AccountAsync(mine, "cloud")).NotMapped["unknown_number"]);
    }

    [Fact]
    public async Task One_body_of_more_events_than_one_append_takes_is_there_whole_and_in_order()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetCloudAsync(instance);
        Assert.Equal(200, await gateway.PostCloudAsync(path, CloudBody(Enumerable.Range(0, 2_500).Select(i => TextMessage($"m{i}")))));
        Assert.Equal(Enumerable.Range(0, 2_500).Select(i => $"m{i}"), (await gateway.EventsAsync(instance)).Select(IdOf));
    }

    [Fact]
    public async Task A_batch_that_comes_ten_times_from_four_connections_an_hour_later_and_seven_days_later_is_there_once()
    {
        var clock = new JumpingClock();
        await using var gateway = await GatewayFixture.StartAsync(
            settings: new(StringComparer.Ordinal) { ["Log:RetentionAge"] = "1.00:00:00" }, configure: builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetCloudAsync(instance);
        var body = CloudBody(Enumerable.Range(0, 200).Select(i => TextMessage($"m{i}")));
        await Parallel.ForAsync(0, 10, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, _) => Assert.Equal(200, await gateway.PostCloudAsync(path, body)));
        Assert.Equal(200, (await gateway.EventsAsync(instance)).Select(IdOf).Distinct().Count());
        clock.Jump(TimeSpan.FromHours(1));
        Assert.Equal(200, await gateway.PostCloudAsync(path, body));
        clock.Jump(TimeSpan.FromDays(7) - TimeSpan.FromHours(1));
        instance = instance with { AccessToken = await gateway.TokenAsync() };
        Assert.Equal(200, await gateway.PostCloudAsync(path, body));
        var account = await gateway.AccountAsync(instance, "cloud");
        Assert.Equal((200, 2_200), (account.Published, account.Duplicates));
    }

    [Fact]
    public async Task A_history_whose_phases_come_out_of_order_and_twice_is_there_once_and_whole()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetCloudAsync(instance);
        (int Phase, int Chunk)[] chunks = [(2, 1), (0, 2), (1, 1), (0, 1), (2, 1), (0, 2)];
        foreach (var (phase, chunk) in chunks)
        {
            Assert.Equal(200, await gateway.PostCloudAsync(path, CloudBody(
                $$$$"""{"field":"history","value":{"metadata":{"phone_number_id":"{{{{Number}}}}"},"history":[{"metadata":{"phase":{{{{phase}}}},"chunk_order":{{{{chunk}}}},"progress":50},"threads":[]}]}}""")));
        }

        Assert.Equal([(2, 1), (0, 2), (1, 1), (0, 1)], (await gateway.EventsAsync(instance)).Select(one => one.GetProperty("data").GetProperty("event").GetProperty("Data"))
            .Select(data => (data.GetProperty("phase").GetInt32(), data.GetProperty("chunkOrder").GetInt32())));
    }

    [Fact]
    public async Task A_partner_that_is_removed_disconnects_the_instance_of_that_number_and_a_deleted_account_all_of_them()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var (one, other) = (await gateway.NewInstanceAsync(), await gateway.NewInstanceAsync());
        var path = await gateway.SetCloudAsync(one, more: new { phone_number_id = Number, app_secret = AppSecret, waba_id = Waba, phone_number = "+1 555 000 1111" });
        await gateway.SetCloudAsync(other, OtherNumber, new { phone_number_id = OtherNumber, app_secret = AppSecret, waba_id = Waba, phone_number = "+1 555 000 9999" });

        async Task<(bool, bool)> PostAsync(string update)
        {
            Assert.Equal(200, await gateway.PostCloudAsync(path, CloudBody($$$"""{"field":"account_update","value":{{{update}}}}""")));
            return (await IsConnectedAsync(gateway, one), await IsConnectedAsync(gateway, other));
        }

        Assert.Equal((true, true), await PostAsync("""{"event":"PARTNER_APP_INSTALLED"}"""));
        Assert.Equal((false, true), await PostAsync("""{"event":"PARTNER_REMOVED","phone_number":"+15550001111"}"""));
        Assert.Equal((true, true), await PostAsync("""{"event":"ACCOUNT_RECONNECTED","phone_number":"+15550001111"}"""));
        Assert.Equal((false, false), await PostAsync("""{"event":"ACCOUNT_DELETED"}"""));
    }

    [Fact]
    public async Task Number_account_and_connection_are_learned_from_what_comes()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetCloudAsync(instance, more: new { phone_number_id = Number, app_secret = AppSecret });
        Assert.False(await IsConnectedAsync(gateway, instance));
        Assert.Equal(200, await gateway.PostCloudAsync(path, CloudBody(TextMessage("m1"))));
        var source = await gateway.CallAsync(instance, HttpMethod.Get, "/sources/cloud");
        Assert.Equal(("15550001111", Waba), (source.GetProperty("phone_number").GetString(), source.GetProperty("waba_id").GetString()));
        Assert.True(source.GetProperty("connected").GetBoolean());
        Assert.NotNull(source.GetProperty("last_seen_at").GetString());
    }

    [Fact]
    public async Task The_number_is_what_the_sender_says_last_and_what_cannot_be_one_is_not_learned()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetCloudAsync(instance, more: new { phone_number_id = Number, app_secret = AppSecret, phone_number = "+1 555 000 9999" });
        foreach (var (entry, phone, learned) in new[]
        {
            (new string('1', 65), "unknown", ("", "15550009999")), (Waba, "15550001111", (Waba, "15550001111")), ("200", "+1 555-000-3333", (Waba, "15550003333")), (Waba, new string('7', 21), (Waba, "15550003333")),
        })
        {
            var body = CloudBody(TextMessage("m" + phone)).Replace("15550001111", phone, StringComparison.Ordinal).Replace($"\"id\":\"{Waba}\"", $"\"id\":\"{entry}\"", StringComparison.Ordinal);
            Assert.Equal(200, await gateway.PostCloudAsync(path, body));
            var source = await gateway.CallAsync(instance, HttpMethod.Get, "/sources/cloud");
            Assert.Equal(learned, (source.GetProperty("waba_id").GetString() ?? "", source.GetProperty("phone_number").GetString()));
        }

        // Of another number nothing is known.
        var changed = await gateway.CallAsync(instance, HttpMethod.Post, "/sources/cloud", new { phone_number_id = OtherNumber });
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (changed.GetProperty("waba_id").ValueKind, changed.GetProperty("phone_number").ValueKind));
    }

    [Fact]
    public async Task An_update_of_an_account_that_was_not_told_yet_is_that_of_the_number_in_it()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var (one, other) = (await gateway.NewInstanceAsync(), await gateway.NewInstanceAsync());
        var path = await gateway.SetCloudAsync(one, more: new { phone_number_id = Number, app_secret = AppSecret, phone_number = "15550001111" });
        await gateway.SetCloudAsync(other, OtherNumber, new { phone_number_id = OtherNumber, app_secret = AppSecret });
        Assert.Equal(200, await gateway.PostCloudAsync(path, CloudBody("""{"field":"account_update","value":{"event":"ACCOUNT_RECONNECTED","phone_number":"+15550001111"}}""")));
        Assert.Equal((true, false), (await IsConnectedAsync(gateway, one), await IsConnectedAsync(gateway, other)));
        Assert.Equal(Waba, (await gateway.CallAsync(one, HttpMethod.Get, "/sources/cloud")).GetProperty("waba_id").GetString());
        Assert.Empty(await gateway.EventsAsync(other));
        // Or that of a number beside it.
        Assert.Equal(200, await gateway.PostCloudAsync(path, CloudBody("""{"field":"account_update","value":{"event":"PARTNER_ADDED"}}""", TextMessage("m1", OtherNumber))));
        Assert.Equal(["Connected", "Message"], (await gateway.EventsAsync(other)).Select(one => one.GetProperty("type").GetString()));
    }

    [Fact]
    public async Task The_instance_says_its_number_and_when_it_was_heard_of_and_one_without_a_source_says_neither()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var (one, other) = (await gateway.NewInstanceAsync(), await gateway.NewInstanceAsync());
        var path = await gateway.SetCloudAsync(one, more: new { phone_number_id = Number, app_secret = AppSecret });
        Assert.Equal(200, await gateway.PostCloudAsync(path, CloudBody(TextMessage("m1"))));
        var seen = (await gateway.CallAsync(one, HttpMethod.Get, "/sources/cloud")).GetProperty("last_seen_at").GetString();
        var got = (await gateway.SendAsync(HttpMethod.Post, "/instances/get", new { id = one.Id }, one.AccessToken)).Body;
        var listed = (await gateway.SendAsync(HttpMethod.Post, "/instances/list", new { }, one.AccessToken)).Body.GetProperty("content").EnumerateArray().ToList();
        var changed = (await gateway.SendAsync(HttpMethod.Patch, $"/instances/{one.Id}", new { name = "Sales" }, one.AccessToken)).Body;
        var rotated = (await gateway.SendAsync(HttpMethod.Post, $"/instances/{one.Id}/token/rotate", new { }, one.AccessToken)).Body;
        Assert.All([got, changed, rotated, listed.Single(instance => instance.GetProperty("id").GetString() == one.Id)], instance =>
            Assert.Equal(("15550001111", seen), (instance.GetProperty("phone_number").GetString(), instance.GetProperty("last_seen_at").GetString())));
        Assert.All(["phone_number", "last_seen_at"], name =>
            Assert.False(listed.Single(instance => instance.GetProperty("id").GetString() == other.Id).TryGetProperty(name, out _)));
    }

    [Fact]
    public async Task A_message_from_before_the_disconnect_that_comes_late_does_not_connect_again()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetCloudAsync(instance);
        await gateway.PostCloudAsync(path, CloudBody("""{"field":"account_update","value":{"event":"ACCOUNT_DELETED"}}"""));
        // A disconnect of long before, which comes now, takes nothing of that back.
        await gateway.PostCloudAsync(path, CloudBody("""{"field":"account_update","value":{"event":"ACCOUNT_OFFBOARDED"}}""").Replace("1790420400", "1790410000", StringComparison.Ordinal));
        await gateway.PostCloudAsync(path, CloudBody(TextMessage("m1", timestamp: 1790420400 - 10)));
        Assert.False(await IsConnectedAsync(gateway, instance));
        await gateway.PostCloudAsync(path, CloudBody(TextMessage("m2", timestamp: 1790420400 + 10)));
        Assert.True(await IsConnectedAsync(gateway, instance));
    }

    [Fact]
    public async Task Failed_receipts_that_are_switched_off_are_counted()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetCloudAsync(instance, more: new { phone_number_id = Number, app_secret = AppSecret, failed_receipts = false });
        Assert.Equal(200, await gateway.PostCloudAsync(path, ExpectedMapping.Read("CloudApi", "failed-is-a-receipt-with-its-errors").Body));
        Assert.Equal(1, (await gateway.AccountAsync(instance, "cloud")).NotMapped["status.failed"]);
        Assert.Empty(await gateway.EventsAsync(instance));
    }

    [Fact]
    public async Task Played_is_a_receipt_only_where_no_read_came_for_it()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetCloudAsync(instance);
        foreach (var (id, status) in new[] { ("a", "read"), ("a", "played"), ("b", "played"), ("b", "read") })
        {
            await gateway.PostCloudAsync(path, CloudBody(
                $$$"""{"field":"messages","value":{"metadata":{"phone_number_id":"{{{Number}}}"},"statuses":[{"id":"{{{id}}}","status":"{{{status}}}","timestamp":"1790416832","recipient_id":"15550002222"}]}}"""));
        }

        Assert.Equal(2, (await gateway.EventsAsync(instance)).Length);
        Assert.Equal(2, (await gateway.AccountAsync(instance, "cloud")).Duplicates);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused()
    {
        await using var gateway = await GatewayFixture.StartAsync(settings: new(StringComparer.Ordinal) { ["Sources:CloudMaxBodyBytes"] = "3145728" });
        var path = await gateway.SetCloudAsync(await gateway.NewInstanceAsync());
        var body = new byte[3145729];
        Array.Fill(body, (byte)' ');
        Assert.Equal(413, await gateway.PostCloudAsync(path, body));
        Assert.Equal(200, await gateway.PostCloudAsync(path, body[..^1]));
    }

    private static string IdOf(JsonElement envelope) => envelope.GetProperty("data").GetProperty("event").GetProperty("Info").GetProperty("ID").GetString()!;

    private static async Task<bool> IsConnectedAsync(GatewayFixture gateway, TestInstance instance) =>
        (await gateway.SendAsync(HttpMethod.Post, "/instances/get", new { id = instance.Id }, instance.AccessToken)).Body.GetProperty("connected").GetBoolean();
}
