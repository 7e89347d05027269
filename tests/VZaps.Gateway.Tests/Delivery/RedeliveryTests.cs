using VZaps.Gateway.Tests.Fixtures;
using Xunit;

namespace VZaps.Gateway.Tests.Delivery;

public sealed class RedeliveryTests
{
    [Fact]
    public async Task An_event_that_is_not_acked_in_time_comes_again_with_the_same_bytes()
    {
        await using var gateway = await StartAsync(("Delivery:AckTimeout", "00:00:01"));
        var instance = await gateway.NewInstanceAsync();
        await using var reader = await TestReader.ConnectAsync(gateway, instance);
        await gateway.PublishAsync(instance, count: 2);
        var first = await reader.NextAsync();
        await reader.AckAsync((await reader.NextAsync()).GetProperty("id").GetString()!);

        Assert.Equal(first.GetRawText(), (await reader.NextAsync()).GetRawText());
    }

    [Fact]
    public async Task An_event_that_another_connection_of_the_consumer_acked_does_not_come_again()
    {
        await using var gateway = await StartAsync(("Delivery:AckTimeout", "00:00:05"));
        var instance = await gateway.NewInstanceAsync();
        await using var one = await TestReader.ConnectAsync(gateway, instance);
        await using var other = await TestReader.ConnectAsync(gateway, instance);
        var ids = await gateway.PublishAsync(instance, count: 2);
        await one.NextIdsAsync(2);
        await other.NextIdsAsync(2);
        await one.AckAsync(ids[0]);

        // The second is due at both, the first at nobody: its ack came long before.
        Assert.Equal([ids[1]], await one.NextIdsAsync(1));
        Assert.Equal([ids[1]], await other.NextIdsAsync(1));
    }

    [Fact]
    public async Task A_full_window_has_room_again_when_another_connection_acks()
    {
        await using var gateway = await StartAsync(("Delivery:Window", "2"));
        var instance = await gateway.NewInstanceAsync();
        await using var silent = await TestReader.ConnectAsync(gateway, instance);
        await using var busy = await TestReader.ConnectAsync(gateway, instance);
        var ids = await gateway.PublishAsync(instance, count: 6);
        foreach (var id in ids)
        {
            Assert.Equal([id], await busy.NextIdsAsync(1));
            await busy.AckAsync(id);
        }

        Assert.Equal(ids, await silent.NextIdsAsync(6));
    }

    [Fact]
    public async Task One_unacked_event_leaves_the_rest_of_the_window_to_what_another_connection_acks()
    {
        await using var gateway = await StartAsync(("Delivery:Window", "3"));
        var instance = await gateway.NewInstanceAsync();
        await using var silent = await TestReader.ConnectAsync(gateway, instance);
        await using var busy = await TestReader.ConnectAsync(gateway, instance);
        var ids = await gateway.PublishAsync(instance, count: 30);
        await busy.NextIdsAsync(1); // never acked
        foreach (var id in ids[1..])
        {
            Assert.Equal([id], await busy.NextIdsAsync(1));
            await busy.AckAsync(id);
        }

        Assert.Equal(ids, await silent.NextIdsAsync(30));
    }

    [Fact]
    public async Task A_dead_letter_that_is_redelivered_does_not_overtake_what_is_owed_before_it()
    {
        await using var gateway = await StartAsync();
        var instance = await gateway.NewInstanceAsync();
        string[] ids;
        await using (var reader = await TestReader.ConnectAsync(gateway, instance, extended: true))
        {
            ids = await gateway.PublishAsync(instance, count: 5);
            await reader.NextIdsAsync(5);
            await reader.SendAsync(new { type = "reject", event_id = ids[3] });
            await gateway.WaitForLettersAsync(instance, count: 1);
            await reader.CloseAsync();
        }

        await gateway.CallAsync(instance, HttpMethod.Post, $"/deadletters/{ids[3]}/redeliver");
        await using var next = await TestReader.ConnectAsync(gateway, instance);

        var read = await next.NextIdsAsync(5);
        Assert.Equal(ids, read.Order(StringComparer.Ordinal));
        Assert.True(Array.IndexOf(read, ids[3]) > Array.IndexOf(read, ids[2]));
    }

    [Fact]
    public async Task Two_connections_that_reject_the_same_event_make_one_dead_letter_of_one_delivery()
    {
        await using var gateway = await StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await using var one = await TestReader.ConnectAsync(gateway, instance, extended: true);
        await using var other = await TestReader.ConnectAsync(gateway, instance, extended: true);
        var ids = await gateway.PublishAsync(instance, count: 20);
        await one.NextIdsAsync(20);
        await other.NextIdsAsync(20);
        await Task.WhenAll(ids.SelectMany(id => new[] { one, other }.Select(reader => reader.SendAsync(new { type = "reject", event_id = id }))));

        var letters = await gateway.WaitForLettersAsync(instance, count: 20);

        Assert.All(letters, letter => Assert.Equal(1, letter.GetProperty("deliveries").GetInt32()));
    }

    [Fact]
    public async Task A_cursor_far_ahead_makes_no_more_dead_letters_than_there_may_be_and_removes_none_that_was_there()
    {
        await using var gateway = await StartAsync(("Delivery:MaxDeadLetters", "4"));
        var instance = await gateway.NewInstanceAsync();
        string[] first;
        await using (var reader = await TestReader.ConnectAsync(gateway, instance, extended: true))
        {
            first = await gateway.PublishAsync(instance);
            await reader.NextIdsAsync(1);
            await reader.SendAsync(new { type = "reject", event_id = first[0] });
            await gateway.WaitForLettersAsync(instance, count: 1);
            await reader.CloseAsync();
        }

        var ids = await gateway.PublishAsync(instance, count: 50);
        await using var ahead = await TestReader.ConnectAsync(gateway, instance, $"&last_event_id={ids[^1]}");

        var letters = await gateway.LettersAsync(instance);
        Assert.Equal([first[0], .. ids[^3..]], letters.Select(letter => letter.GetProperty("event_id").GetString()!));
    }

    [Fact]
    public async Task An_event_that_is_never_acked_while_others_are_becomes_a_dead_letter_with_its_history()
    {
        await using var gateway = await StartAsync(("Delivery:MaxDeliveries", "2"), ("Delivery:AckTimeout", "00:00:01"));
        var instance = await gateway.NewInstanceAsync();
        await using var reader = await TestReader.ConnectAsync(gateway, instance);
        var ids = await gateway.PublishAsync(instance, count: 2);
        await reader.NextIdsAsync(2);
        await reader.AckAsync(ids[1]);

        var letter = Assert.Single(await gateway.WaitForLettersAsync(instance, count: 1));

        Assert.Equal(ids[0], letter.GetProperty("event_id").GetString());
        Assert.Equal("max_deliveries", letter.GetProperty("reason").GetString());
        Assert.Equal(2, letter.GetProperty("deliveries").GetInt32());
        Assert.Equal(["timed_out", "timed_out"], letter.GetProperty("attempts").EnumerateArray().Select(attempt => attempt.GetProperty("outcome").GetString()));
        Assert.Equal(ids[0], letter.GetProperty("event").GetProperty("id").GetString());
        Assert.Equal(0, (await gateway.ConsumerAsync(instance)).GetProperty("lag").GetInt64());
    }

    [Fact]
    public async Task A_redelivered_dead_letter_comes_to_the_live_connection_and_is_gone_when_it_is_acked()
    {
        await using var gateway = await StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await using var reader = await TestReader.ConnectAsync(gateway, instance, extended: true);
        var ids = await gateway.PublishAsync(instance);
        await reader.NextIdsAsync(1);
        await reader.SendAsync(new { type = "reject", event_id = ids[0], reason = "no such chat" });
        var letter = Assert.Single(await gateway.WaitForLettersAsync(instance, count: 1));
        Assert.Equal(("rejected", "no such chat"), (letter.GetProperty("reason").GetString(), letter.GetProperty("detail").GetString()));

        var redelivered = await gateway.CallAsync(instance, HttpMethod.Post, $"/deadletters/{ids[0]}/redeliver");
        Assert.NotEqual(System.Text.Json.JsonValueKind.Null, redelivered.GetProperty("redelivered_at").ValueKind);
        var again = await reader.NextAsync();
        Assert.Equal((ids[0], 2), (again.GetProperty("id").GetString(), again.GetProperty("delivery").GetInt32()));
        Assert.Single(await gateway.LettersAsync(instance));

        await reader.AckAsync(ids[0]);
        await gateway.WaitForLettersAsync(instance, count: 0);
    }

    [Fact]
    public async Task Dead_letters_and_their_redelivery_survive_a_restart()
    {
        var folder = GatewayFixture.NewFolder();
        TestInstance instance;
        string[] ids;
        await using (var first = await StartAsync(folder))
        {
            instance = await first.NewInstanceAsync();
            await using var reader = await TestReader.ConnectAsync(first, instance, extended: true);
            ids = await first.PublishAsync(instance, count: 3);
            await reader.NextIdsAsync(3);
            foreach (var id in ids)
                await reader.SendAsync(new { type = "reject", event_id = id });
            await first.WaitForLettersAsync(instance, count: 3);
            await reader.CloseAsync();
            Assert.Equal(3, (await first.CallAsync(instance, HttpMethod.Post, "/deadletters/redeliver")).GetProperty("redelivered").GetInt32());
        }

        await using var second = await StartAsync(folder);
        Assert.Equal(3, (await second.ConsumerAsync(instance)).GetProperty("lag").GetInt64());
        await using var next = await TestReader.ConnectAsync(second, instance);
        Assert.Equal(ids, await next.NextIdsAsync(3));
        await next.AckAsync(ids[1]);
        await second.WaitForLettersAsync(instance, count: 2);
        Assert.Equal(2, (await second.CallAsync(instance, HttpMethod.Delete, "/deadletters")).GetProperty("deleted").GetInt32());
        Assert.Empty(await second.LettersAsync(instance));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_late_ack_takes_an_event_off_the_dead_letters()
    {
        await using var gateway = await StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await using var old = await TestReader.ConnectAsync(gateway, instance);
        var ids = await gateway.PublishAsync(instance, count: 3);
        await old.NextIdsAsync(3);
        await old.AckAsync(ids[1]);
        await old.CloseAsync();

        // The client's cursor ran past two events that were never acked.
        await using var reader = await TestReader.ConnectAsync(gateway, instance, $"&last_event_id={ids[2]}");
        var letters = await gateway.WaitForLettersAsync(instance, count: 2);
        Assert.All(letters, letter => Assert.Equal("skipped_by_cursor", letter.GetProperty("reason").GetString()));
        await reader.AckAsync(ids[0]);

        Assert.Equal(ids[2], Assert.Single(await gateway.WaitForLettersAsync(instance, count: 1)).GetProperty("event_id").GetString());
    }

    [Fact]
    public async Task What_is_out_on_another_live_connection_is_not_skipped_by_a_cursor()
    {
        await using var gateway = await StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await using var live = await TestReader.ConnectAsync(gateway, instance);
        var ids = await gateway.PublishAsync(instance);
        await live.NextIdsAsync(1);

        await using var ahead = await TestReader.ConnectAsync(gateway, instance, $"&last_event_id={ids[0]}");

        Assert.Empty(await gateway.LettersAsync(instance));
    }

    [Fact]
    public async Task An_event_that_ends_its_connection_five_times_is_taken_for_what_ended_it()
    {
        await using var gateway = await StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await using (var first = await TestReader.ConnectAsync(gateway, instance))
            await first.CloseAsync();
        var ids = await gateway.PublishAsync(instance, count: 2);
        for (var crash = 1; crash <= 5; crash++)
        {
            await using var bot = await TestReader.ConnectAsync(gateway, instance);
            Assert.Equal(ids, await bot.NextIdsAsync(2));
            bot.Socket.Abort();
            await gateway.WaitUntilGoneAsync(instance);
        }

        var letter = Assert.Single(await gateway.WaitForLettersAsync(instance, count: 1));
        Assert.Equal((ids[0], "kills_reader"), (letter.GetProperty("event_id").GetString(), letter.GetProperty("reason").GetString()));
        Assert.Equal(5, letter.GetProperty("attempts").GetArrayLength());
        await using var healthy = await TestReader.ConnectAsync(gateway, instance);
        Assert.Equal([ids[1]], await healthy.NextIdsAsync(1));
    }

    [Fact]
    public async Task Beyond_what_a_consumer_may_owe_the_oldest_are_abandoned()
    {
        await using var gateway = await StartAsync(("Delivery:MaxOwed", "5"));
        var instance = await gateway.NewInstanceAsync();
        await using var reader = await TestReader.ConnectAsync(gateway, instance);
        var ids = await gateway.PublishAsync(instance, count: 8);
        await reader.NextIdsAsync(8);

        var letters = await gateway.WaitForLettersAsync(instance, count: 3);

        Assert.Equal(ids[..3], letters.Select(letter => letter.GetProperty("event_id").GetString()));
        Assert.All(letters, letter => Assert.Equal("abandoned", letter.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task The_oldest_dead_letters_go_when_there_are_more_than_may_be()
    {
        await using var gateway = await StartAsync(("Delivery:MaxDeadLetters", "2"));
        var instance = await gateway.NewInstanceAsync();
        await using var reader = await TestReader.ConnectAsync(gateway, instance, extended: true);
        var ids = await gateway.PublishAsync(instance, count: 4);
        foreach (var id in await reader.NextIdsAsync(4))
            await reader.SendAsync(new { type = "reject", event_id = id });
        Assert.True(await Eventually.HoldsAsync(async () => (await gateway.LettersAsync(instance)).LastOrDefault() is { ValueKind: not System.Text.Json.JsonValueKind.Undefined } last
            && last.GetProperty("event_id").GetString() == ids[3]));

        Assert.Equal(ids[2..], (await gateway.WaitForLettersAsync(instance, count: 2)).Select(letter => letter.GetProperty("event_id").GetString()));
    }

    [Fact]
    public async Task Dead_letters_are_listed_page_by_page_and_what_is_none_is_404()
    {
        await using var gateway = await StartAsync();
        var instance = await gateway.NewInstanceAsync();
        await using var reader = await TestReader.ConnectAsync(gateway, instance, extended: true);
        var ids = await gateway.PublishAsync(instance, count: 5);
        foreach (var id in await reader.NextIdsAsync(5))
            await reader.SendAsync(new { type = "reject", event_id = id });
        await gateway.WaitForLettersAsync(instance, count: 5);

        var read = new List<string?>();
        for (string? after = null; ;)
        {
            var page = await gateway.CallAsync(instance, HttpMethod.Get, $"/deadletters?limit=2&after={after}");
            Assert.Equal(5, page.GetProperty("total").GetInt32());
            read.AddRange(page.GetProperty("dead_letters").EnumerateArray().Select(letter => letter.GetProperty("event_id").GetString()));
            after = page.GetProperty("next_after").GetString();
            if (!page.GetProperty("has_more").GetBoolean())
                break;
        }

        Assert.Equal(ids, read);
        Assert.Equal(1, (await gateway.CallAsync(instance, HttpMethod.Delete, $"/deadletters/{ids[0]}")).GetProperty("deleted").GetInt32());
        Assert.Equal((404, "dead_letter_not_found"), await gateway.RefusalAsync(instance, HttpMethod.Delete, $"/deadletters/{ids[0]}"));
        Assert.Equal((404, "dead_letter_not_found"), await gateway.RefusalAsync(instance, HttpMethod.Post, $"/deadletters/{ids[0]}/redeliver"));
        Assert.Equal((404, "consumer_not_found"), await gateway.RefusalAsync(instance, HttpMethod.Get, "/deadletters?consumer=nobody"));
        Assert.Equal((400, "invalid_consumer"), await gateway.RefusalAsync(instance, HttpMethod.Get, "/deadletters?consumer=ephemeral"));
        Assert.Equal((400, "invalid_limit"), await gateway.RefusalAsync(instance, HttpMethod.Get, "/deadletters?limit=0"));
        Assert.Equal((400, "invalid_event_id"), await gateway.RefusalAsync(instance, HttpMethod.Get, "/deadletters?after=x"));
    }

    // An hour, but where something has to come again: what a slow machine did not ack within a second would come, too.
    private static Task<GatewayFixture> StartAsync(params (string Key, string Value)[] settings) => GatewayFixture.StartForDeliveryAsync(ackTimeout: "01:00:00", settings);

    private static Task<GatewayFixture> StartAsync(string dataPath) => GatewayFixture.StartForDeliveryAsync(ackTimeout: "01:00:00", [], dataPath);
}
