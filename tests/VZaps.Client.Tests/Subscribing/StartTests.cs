using Microsoft.Extensions.Time.Testing;
using VZaps.Client.Subscribing;

namespace VZaps.Client.Tests.Subscribing;

public sealed class StartTests
{
    [Fact]
    public async Task Nothing_is_dispatched_or_acked_before_the_start_and_nothing_is_lost_by_it()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient(options => options.MaxQueuedEvents = 2);
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var connection = await server.AcceptAsync();
        var handled = new List<string>();
        for (var number = 1; number <= 5; number++)
            await connection.SendEventAsync(number);
        subscription.On(EventType.Message, e => handled.Add(e.Id));
        // There is no event to wait for that says 'nothing happened'; a moment makes the failure likely to show.
        await Task.Delay(100);
        Assert.Empty(handled);
        Assert.Empty(connection.Acks);
        await subscription.StartAsync();
        await Wait.UntilAsync(() => connection.Acks.Count == 5, "acks");
        Assert.Equal(Enumerable.Range(1, 5).Select(Envelopes.Id), handled);
    }

    [Fact]
    public async Task A_queue_that_stays_full_longer_than_the_keep_alive_loses_no_event_and_no_order()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient(options =>
        {
            options.MaxQueuedEvents = 1;
            (options.KeepAliveInterval, options.KeepAliveTimeout) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(100));
        });
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var handled = new List<string>();
        subscription.On(EventType.All, async e =>
        {
            await Task.Delay(e.Id == Envelopes.Id(1) ? 500 : 0);
            handled.Add(e.Id);
        });
        await subscription.StartAsync();
        while (handled.Count < 50)
        {
            var connection = await server.AcceptAsync();
            var resumed = EventPosition.TryParse(connection.Handshake.Cursor, out var cursor) ? (int)cursor.Sequence : 0;
            for (var number = resumed + 1; number <= 50; number++)
                await connection.SendEventAsync(number);
            await Wait.UntilAsync(() => handled.Count == 50 || server.HasConnectionWaiting, "all events or the next connection");
        }

        Assert.Equal(Enumerable.Range(1, 50).Select(Envelopes.Id), handled);
    }

    [Fact]
    public async Task A_warning_is_logged_when_events_have_waited_ten_seconds_for_the_start()
    {
        var time = new FakeTimeProvider();
        var log = new CapturedLog();
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient(options => (options.TimeProvider, options.LoggerFactory) = (time, log));
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        // The event's arrival and the loop's timer cannot be seen from here, so the clock goes on until the warning is there.
        var advanced = TimeSpan.Zero;
        await Wait.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                advanced += TimeSpan.FromSeconds(1);
                return log.Count(1211) == 1;
            },
            "warning");
        Assert.True(advanced >= EventDispatch.StartReminder);
        subscription.On(EventType.All, _ => { });
        await subscription.StartAsync();
        await Wait.UntilAsync(() => connection.Acks.Count == 1, "ack after the late start");
    }

    [Fact]
    public async Task Callbacks_that_are_registered_after_subscribing_hear_of_the_first_opening_before_the_first_event()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        var order = new List<string>();
        subscription.OnOpen(async () =>
        {
            await Task.Delay(50);
            order.Add("open");
        });
        subscription.On(EventType.All, _ => order.Add("event"));
        await subscription.StartAsync();
        await Wait.UntilAsync(() => connection.Acks.Count == 1, "ack");
        Assert.Equal(["open", "event"], order);
    }
}
