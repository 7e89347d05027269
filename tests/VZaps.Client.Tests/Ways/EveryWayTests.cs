using System.Collections.Concurrent;
using System.Net.WebSockets;

namespace VZaps.Client.Tests.Ways;

/// <summary>What is promised however events are consumed.</summary>
public sealed class EveryWayTests
{
    [Theory]
    [MemberData(nameof(WayToConsume.All), MemberType = typeof(WayToConsume))]
    public async Task Every_event_is_handled_once_in_the_order_of_its_chat_and_acked(WayToConsume way)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        var order = new ConcurrentDictionary<int, ConcurrentQueue<string>>();
        await using var consumer = await way.BeginAsync(client, ScriptedServer.Request, async (e, _) =>
        {
            await Task.Yield();
            Numbers(order, e).Enqueue(e.Id);
        });
        var connection = await server.AcceptAsync();
        await connection.SendHelloAsync();
        for (var number = 1; number <= 300; number += 3)
            await connection.SendAsync($"[{string.Join(',', Enumerable.Range(number, 3).Select(each => Envelopes.Json(each, data: Envelopes.InChat($"{each % 7}"))))}]");
        await Wait.UntilAsync(() => connection.Acks.Count == 300, "acks");
        Assert.Equal(Enumerable.Range(1, 300).Select(Envelopes.Id), connection.Acks.Order(StringComparer.Ordinal));
        Assert.All(order.Values, chat => Assert.Equal(chat.Order(StringComparer.Ordinal), chat));
        Assert.Equal(300, order.Values.Sum(chat => chat.Count));
    }

    [Theory]
    [MemberData(nameof(WayToConsume.All), MemberType = typeof(WayToConsume))]
    public async Task A_handler_that_fails_leaves_its_event_unacked_and_the_next_one_goes_on(WayToConsume way)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        var tries = 0;
        await using var consumer = await way.BeginAsync(client, ScriptedServer.Request, (e, _) =>
            e.Id == Envelopes.Id(1) && ++tries == 1 ? throw new InvalidOperationException("no")
            : e.Id == Envelopes.Id(2) ? throw new RejectEventException("never") : Task.CompletedTask);
        var connection = await server.AcceptAsync();
        await connection.SendHelloAsync();
        await connection.SendBatchAsync(1, 2, 3);
        await Wait.UntilAsync(() => connection.Frames.Count == 3, "three answers");
        Assert.Equal([Envelopes.Id(3)], connection.Acks);
        Assert.Single(connection.FramesOf("nack"), frame => frame.Contains(Envelopes.Id(1), StringComparison.Ordinal));
        Assert.Single(connection.FramesOf("reject"), frame => frame.Contains(Envelopes.Id(2), StringComparison.Ordinal));
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.Acks.Count == 2, "ack of the second try");
        Assert.False(connection.Ended.IsCompleted);
    }

    [Theory]
    [MemberData(nameof(WayToConsume.All), MemberType = typeof(WayToConsume))]
    public async Task A_copy_of_an_event_that_is_being_handled_or_was_handled_is_dropped(WayToConsume way)
    {
        await using var server = await ScriptedServer.StartAsync();
        using var log = new CapturedLog();
        await using var client = server.NewClient(options => options.LoggerFactory = log);
        var release = new TaskCompletionSource();
        var handled = new ConcurrentQueue<string>();
        await using var consumer = await way.BeginAsync(client, ScriptedServer.Request, async (e, _) =>
        {
            handled.Enqueue(e.Id);
            await release.Task;
        });
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => handled.Count == 1, "the handler");
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => log.Count(1222) == 1, "the copy is dropped");
        await connection.SendEventAsync(2);
        release.SetResult();
        await Wait.UntilAsync(() => connection.Acks.Count == 2, "acks");
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.Acks.Count == 3, "the ack that was repeated");
        Assert.Equal([Envelopes.Id(1), Envelopes.Id(2)], handled);
    }

    [Theory]
    [MemberData(nameof(WayToConsume.All), MemberType = typeof(WayToConsume))]
    public async Task Stopping_under_load_lets_the_running_handlers_finish_acks_them_and_leaves_the_rest_owed(WayToConsume way)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient(options => options.CloseTimeout = TimeSpan.FromSeconds(10));
        var (began, finished) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
        await using var consumer = await way.BeginAsync(client, ScriptedServer.Request, async (e, _) =>
        {
            began.Enqueue(e.Id);
            await Task.Delay(1, CancellationToken.None);
            finished.Enqueue(e.Id);
        });
        var connection = await server.AcceptAsync();
        await connection.SendHelloAsync();
        await connection.SendAsync($"[{string.Join(',', Enumerable.Range(1, 500).Select(each => Envelopes.Json(each, data: Envelopes.InChat($"{each % 7}"))))}]");
        await Wait.UntilAsync(() => finished.Count > 10, "some handled");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        await Task.WhenAll(consumer.StopAsync(), consumer.StopAsync()).OrFailAsync();
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"It took {watch.Elapsed}.");
        await connection.Ended.OrFailAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, connection.ClientClose);
        Assert.Equal(began.Order(StringComparer.Ordinal), finished.Order(StringComparer.Ordinal));
        Assert.Equal(finished.Order(StringComparer.Ordinal), connection.Acks.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(WayToConsume.All), MemberType = typeof(WayToConsume))]
    public async Task A_handler_that_never_returns_holds_the_stop_no_longer_than_the_close_time_out(WayToConsume way)
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient(options => options.CloseTimeout = TimeSpan.FromMilliseconds(50));
        var running = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        var consumer = await way.BeginAsync(client, ScriptedServer.Request, async (_, _) =>
        {
            running.TrySetResult();
            await release.Task;
        });
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await running.Task.OrFailAsync();
        var stopping = consumer.StopAsync();
        await connection.Ended.OrFailAsync();
        Assert.Empty(connection.Acks);
        release.SetResult();
        await stopping.OrFailAsync();
    }

    [Theory]
    [MemberData(nameof(WayToConsume.All), MemberType = typeof(WayToConsume))]
    public async Task A_log_that_always_throws_costs_neither_an_event_nor_the_subscription(WayToConsume way)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        using var log = new CapturedLog { ThrowsAlways = true };
        await using var client = server.NewClient(options => options.LoggerFactory = log);
        await using var consumer = await way.BeginAsync(client, ScriptedServer.Request, (e, _) =>
            e.Id == Envelopes.Id(2) ? throw new InvalidOperationException("no") : Task.CompletedTask);
        var first = await server.AcceptAsync();
        await first.SendHelloAsync("""{"from":null,"to":null,"events":3,"reason":"retention_age"}""");
        await first.SendAsync("no event");
        await first.SendBatchAsync(1, 1, 2);
        await Wait.UntilAsync(() => first.Acks.Contains(Envelopes.Id(1)) && first.FramesOf("nack").Any(), "ack and nack");
        first.Cut();
        var second = await server.AcceptAsync();
        await second.SendHelloAsync();
        await second.SendEventAsync(3);
        await Wait.UntilAsync(() => second.Acks.Contains(Envelopes.Id(3)), "ack over the next connection");
        Assert.NotEmpty(log.Lines);
        Assert.False(consumer.Ended.IsCompleted);
    }

    private static ConcurrentQueue<string> Numbers(ConcurrentDictionary<int, ConcurrentQueue<string>> order, VZapsEvent e) =>
        order.GetOrAdd(EventPosition.TryParse(e.Id, out var position) ? (int)position.Sequence % 7 : -1, _ => new ConcurrentQueue<string>());
}
