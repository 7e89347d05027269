using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Ingest.Sources;
using VZaps.Gateway.Tests.Fixtures;
using Xunit;
using static VZaps.Gateway.Tests.Ingest.Sources.SourceCalls;

namespace VZaps.Gateway.Tests.Ingest.Sources;

/// <summary>The same person comes with the phone, with another id, or with both.</summary>
public sealed class IdentityTests
{
    private const string UserId = "US.10000000000000000001", Phone = "15550002222@s.whatsapp.net", Hidden = "98765432101234@lid";
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Who_came_with_phone_and_user_id_is_known_by_the_id_alone_also_after_a_restart()
    {
        var folder = GatewayFixture.NewFolder();
        TestInstance instance;
        string path;
        await using (var gateway = await GatewayFixture.StartAsync(folder))
        {
            instance = await gateway.NewInstanceAsync();
            path = await gateway.SetCloudAsync(instance);
            Assert.Equal(200, await gateway.PostCloudAsync(path, CloudBody(Message("m1", $"\"from_user_id\":\"{UserId}\""))));
            Assert.Equal(200, await gateway.PostCloudAsync(path, CloudBody(Message("m2", $"\"from\":\"15550002222\",\"from_user_id\":\"{UserId}\""))));
            Assert.Equal(200, await gateway.PostCloudAsync(path, CloudBody(Message("m3", $"\"from_user_id\":\"{UserId}\""))));
        }

        await using (var gateway = await GatewayFixture.StartAsync(folder))
        {
            Assert.Equal(200, await gateway.PostCloudAsync(path, CloudBody(Message("m4", $"\"from_user_id\":\"{UserId}\""))));
            Assert.Equal([UserId + "@bsuid", Phone, Phone, Phone], (await gateway.EventsAsync(instance)).Select(ChatOf));
            // Another number's people are others, and go with their source.
            var other = await gateway.NewInstanceAsync();
            await gateway.SetCloudAsync(other, OtherNumber);
            Assert.Equal(200, await gateway.PostCloudAsync(path, CloudBody(Message("m5", $"\"from_user_id\":\"{UserId}\"", OtherNumber))));
            Assert.Equal(UserId + "@bsuid", ChatOf(Assert.Single(await gateway.EventsAsync(other))));
            await gateway.CallAsync(instance, HttpMethod.Delete, "/sources/cloud");
            path = await gateway.SetCloudAsync(instance);
            Assert.Equal(200, await gateway.PostCloudAsync(path, CloudBody(Message("m6", $"\"from_user_id\":\"{UserId}\""))));
            Assert.Equal(UserId + "@bsuid", ChatOf((await gateway.EventsAsync(instance))[^1]));
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_hidden_user_whose_phone_came_once_is_known_by_it_in_everything_that_follows()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var path = await gateway.SetWuzAsync(instance);
        var place = $"\"Chat\":\"{Hidden}\",\"Sender\":\"{Hidden}\",\"IsFromMe\":false,\"IsGroup\":false";
        foreach (var body in new[]
        {
            $$$"""{"type":"Message","event":{"Info":{"Chat":"{{{Phone}}}","Sender":"{{{Phone}}}","SenderAlt":"{{{Hidden}}}","ID":"1","IsFromMe":false,"IsGroup":false},"Message":{"conversation":"hi"} } }""",
            $$$"""{"type":"Message","event":{"Info":{{{{place}}},"ID":"2"},"Message":{"conversation":"hi"} } }""",
            $$$"""{"type":"ReadReceipt","state":"Read","event":{{{{place}}},"MessageIDs":["1"],"Type":"read"}}""",
            $$$"""{"type":"ChatPresence","event":{{{{place}}},"State":"composing","Media":""}}""",
            $$$"""{"type":"Presence","event":{"From":"{{{Hidden}}}","Unavailable":false}}""",
            $$$"""{"type":"GroupInfo","event":{"JID":"1@g.us","Sender":"{{{Hidden}}}","Timestamp":"2026-06-23T20:00:00-03:00","Join":["{{{Hidden}}}","{{{Phone}}}"],"Leave":null}}""",
        })
        {
            Assert.Equal(200, await gateway.PostAsync(path, Encoding.UTF8.GetBytes(body), "application/json"));
        }

        var events = await gateway.EventsAsync(instance);
        Assert.Equal([Phone, Phone, Phone, Phone, Phone, "1@g.us"], events.Select(ChatOf));
        Assert.Equal([Phone, Phone], events[5].GetProperty("data").GetProperty("event").GetProperty("Join").EnumerateArray().Select(one => one.GetString()));
        Assert.Equal(Hidden, events[1].GetProperty("data").GetProperty("event").GetProperty("Info").GetProperty("SenderAlt").GetString());
    }

    [Fact]
    public async Task A_retry_is_known_again_although_its_people_are_known_by_now()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        var (wuz, cloud) = (await gateway.SetWuzAsync(instance), await gateway.SetCloudAsync(instance));
        var hidden = Encoding.UTF8.GetBytes($$$"""{"type":"Message","event":{"Info":{"Chat":"{{{Hidden}}}","Sender":"{{{Hidden}}}","ID":"1"},"Message":{"conversation":"hi"}},"userID":"u1"}""");
        var group = CloudBody(
            $$$"""{"field":"group_participants_update","value":{"metadata":{"phone_number_id":"{{{Number}}}"},"groups":[{"timestamp":"1790417200","group_id":"G","type":"group_participants_add","added_participants":[{"user_id":"{{{UserId}}}"}]}]}}""");
        Assert.Equal(200, await gateway.PostAsync(wuz, hidden, "application/json"));
        Assert.Equal(200, await gateway.PostCloudAsync(cloud, group));
        Assert.Equal(200, await gateway.PostAsync(
            wuz, Encoding.UTF8.GetBytes($$$"""{"type":"ChatPresence","event":{"Chat":"{{{Phone}}}","Sender":"{{{Phone}}}","SenderAlt":"{{{Hidden}}}","State":"paused"}}"""), "application/json"));
        Assert.Equal(200, await gateway.PostCloudAsync(cloud, CloudBody(Message("m1", $"\"from\":\"15550002222\",\"from_user_id\":\"{UserId}\""))));
        Assert.Equal(200, await gateway.PostAsync(wuz, hidden, "application/json"));
        Assert.Equal(200, await gateway.PostCloudAsync(cloud, group));
        Assert.Equal((1, 1), ((await gateway.AccountAsync(instance, "wuzapi")).Duplicates, (await gateway.AccountAsync(instance, "cloud")).Duplicates));
    }

    [Fact]
    public async Task What_is_only_tested_teaches_nothing()
    {
        await using var gateway = await GatewayFixture.StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await gateway.SetCloudAsync(instance);
        await gateway.CallAsync(instance, HttpMethod.Post, "/sources/cloud/test", CloudBody(Message("m1", $"\"from\":\"15550002222\",\"from_user_id\":\"{UserId}\"")));
        var tested = await gateway.CallAsync(instance, HttpMethod.Post, "/sources/cloud/test", CloudBody(Message("m2", $"\"from_user_id\":\"{UserId}\"")));
        Assert.Equal(UserId + "@bsuid", ChatOf(tested.GetProperty("events")[0]));
    }

    [Fact]
    public void Who_was_not_told_of_for_longest_is_forgotten_first()
    {
        var identities = new SourceIdentities(most: 2);
        identities.Learn("a@lid", "1001", Now);
        identities.Learn("b@lid", "1002", Now);
        identities.Learn("a@lid", "1001", Now);
        identities.Learn("c@lid", "1003", Now);
        Assert.Equal(("1001", null, "1003"), (identities.PhoneOf("a@lid"), identities.PhoneOf("b@lid"), identities.PhoneOf("c@lid")));
        Assert.Equal(["a@lid 1001", "b@lid ", "c@lid 1003"], Unsaved(identities));
    }

    [Fact]
    public void What_did_not_change_is_saved_again_once_a_day()
    {
        var (time, identities) = (new FakeTimeProvider(Now), new SourceIdentities(most: 2));
        identities.Learn("a@lid", "1001", time.GetUtcNow());
        Assert.Single(Unsaved(identities));
        time.Advance(TimeSpan.FromHours(23));
        identities.Learn("a@lid", "1001", time.GetUtcNow());
        Assert.Empty(Unsaved(identities));
        time.Advance(TimeSpan.FromHours(1));
        identities.Learn("a@lid", "1001", time.GetUtcNow());
        Assert.Single(Unsaved(identities));
        identities.Learn("a@lid", "1002", time.GetUtcNow());
        Assert.Equal(["a@lid 1002"], Unsaved(identities));
    }

    [Fact]
    public void What_could_not_be_saved_is_given_back_and_what_was_told_since_wins()
    {
        var identities = new SourceIdentities(most: 2);
        identities.Learn("a@lid", "1001", Now);
        identities.Learn("b@lid", "1002", Now);
        var taken = identities.TakeUnsaved();
        identities.Learn("a@lid", "1009", Now);
        identities.GiveBack(taken);
        Assert.Equal(["a@lid 1009", "b@lid 1002"], Unsaved(identities));
    }

    [Fact]
    public void Nobody_is_remembered_where_that_is_switched_off_and_no_name_is_without_end()
    {
        var (none, some) = (new SourceIdentities(most: 0), new SourceIdentities(most: 2));
        none.Learn("a@lid", "1001", Now);
        none.Load(new Identity("b@lid", "1002", Now));
        some.Learn(new string('x', 1_000) + "@lid", "1001", Now);
        Assert.Equal((null, null), (none.PhoneOf("a@lid"), none.PhoneOf("b@lid")));
        // What the table holds of before goes.
        Assert.Equal(["b@lid "], Unsaved(none));
        Assert.Empty(Unsaved(some));
    }

    private static IEnumerable<string> Unsaved(SourceIdentities identities) =>
        identities.TakeUnsaved().Select(one => $"{one.Key} {one.Value?.Phone}").Order(StringComparer.Ordinal);

    private static string? ChatOf(JsonElement envelope) =>
        envelope.GetProperty("data").GetProperty("event") is var content && content.TryGetProperty("Info", out var info) ? info.GetProperty("Chat").GetString()
            : (content.TryGetProperty("Chat", out var chat) || content.TryGetProperty("From", out chat) ? chat : content.GetProperty("JID")).GetString();

    private static string Message(string id, string author, string number = Number) =>
        $$$"""{"field":"messages","value":{"metadata":{"phone_number_id":"{{{number}}}"},"messages":[{{{{author}}},"id":"{{{id}}}","timestamp":"1790416800","type":"text","text":{"body":"hi"}}]}}""";
}
