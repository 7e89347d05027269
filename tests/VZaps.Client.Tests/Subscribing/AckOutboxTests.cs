using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using VZaps.Client.Realtime;
using VZaps.Client.Subscribing;

namespace VZaps.Client.Tests.Subscribing;

public sealed class AckOutboxTests
{
    [Fact]
    public async Task Acks_that_gather_while_one_is_sent_go_out_as_one_frame_and_nobody_waits_for_it()
    {
        using var socket = new HeldSocket(isHeld: true);
        var outbox = Attached(socket, extended: true);
        Assert.True(outbox.AckAsync(Envelopes.Id(1)).IsCompleted);
        await Wait.UntilAsync(() => socket.Begun.Count == 1, "first send");
        for (var number = 2; number <= 50; number++)
            Assert.True(outbox.AckAsync(Envelopes.Id(number)).IsCompleted);
        socket.LetGo(2);
        await outbox.FlushAsync().OrFailAsync();
        Assert.Equal([1, 49], socket.Begun.Select(frame => Ids(frame).Count));
        Assert.Equal(Enumerable.Range(1, 50).Select(Envelopes.Id), socket.Begun.SelectMany(Ids));
    }

    [Fact]
    public async Task To_a_server_without_the_extension_acks_go_one_by_one_and_whoever_acks_waits_for_the_send()
    {
        using var socket = new HeldSocket(isHeld: true);
        var outbox = Attached(socket, extended: false);
        var acking = new[] { outbox.AckAsync(Envelopes.Id(1)), outbox.AckAsync(Envelopes.Id(2)) };
        await Wait.UntilAsync(() => socket.Begun.Count == 1, "first send");
        Assert.False(acking[1].IsCompleted);
        socket.LetGo(2);
        await Task.WhenAll(acking).OrFailAsync();
        Assert.Equal([1, 2], [.. socket.Begun.Select((frame, at) => frame == $$"""{"type":"ack","event_id":"{{Envelopes.Id(at + 1)}}"}""" ? at + 1 : 0)]);
    }

    [Fact]
    public async Task Acks_of_before_a_move_of_the_consumer_are_not_repeated_and_those_after_it_are_sent()
    {
        using var first = new HeldSocket(isHeld: false);
        using var second = new HeldSocket(isHeld: false);
        var outbox = Attached(first, extended: true);
        await outbox.AckAsync(Envelopes.Id(1));
        await outbox.FlushAsync().OrFailAsync();
        outbox.Detach();
        outbox.Attach(Connection(second, extended: true));
        outbox.Repeat(forget: true);
        await outbox.AckAsync(Envelopes.Id(2));
        await outbox.FlushAsync().OrFailAsync();
        Assert.Equal([Envelopes.Id(2)], second.Begun.SelectMany(Ids));
    }

    [Fact]
    public async Task The_latest_acks_are_repeated_over_the_next_connection_in_frames_that_a_server_takes()
    {
        using var first = new HeldSocket(isHeld: false);
        using var second = new HeldSocket(isHeld: false);
        var outbox = Attached(first, extended: true, capacity: 2_000);
        for (var number = 1; number <= 2_500; number++)
            await outbox.AckAsync(Envelopes.Id(number));
        await outbox.FlushAsync().OrFailAsync();
        outbox.Detach();
        await outbox.AckAsync(Envelopes.Id(2_501)); // handled while there is no connection
        outbox.Attach(Connection(second, extended: true));
        Assert.Empty(second.Begun); // the server may say first that they are not wanted
        outbox.Repeat(forget: false);
        outbox.Repeat(forget: false);
        await outbox.FlushAsync().OrFailAsync();
        Assert.Equal(Enumerable.Range(502, 2_000).Select(Envelopes.Id), second.Begun.SelectMany(Ids));
        Assert.All(second.Begun, frame => Assert.InRange(frame.Length, 1, ExtensionProtocol.MaxClientMessageBytes - 1));
        Assert.Equal(2, second.Begun.Count);
    }

    [Fact]
    public async Task When_a_thousand_acks_wait_for_a_server_that_does_not_read_whoever_acks_waits_too()
    {
        using var socket = new HeldSocket(isHeld: true);
        var outbox = Attached(socket, extended: true);
        _ = outbox.AckAsync(Envelopes.Id(1));
        await Wait.UntilAsync(() => socket.Begun.Count == 1, "first send");
        for (var number = 2; number <= 1_000; number++)
            Assert.True(outbox.AckAsync(Envelopes.Id(number)).IsCompleted);
        var waiting = outbox.AckAsync(Envelopes.Id(1_001));
        Assert.False(waiting.IsCompleted);
        socket.LetGo(2);
        await waiting.OrFailAsync();
    }

    private static AckOutbox Attached(HeldSocket socket, bool extended, int capacity = 4_096)
    {
        var outbox = new AckOutbox(capacity, new Uplink(NullLogger.Instance));
        outbox.Attach(Connection(socket, extended));
        return outbox;
    }

    private static RealtimeConnection Connection(HeldSocket socket, bool extended) => new(socket, maxMessageBytes: 1_024) { IsExtended = extended };

    private static List<string> Ids(string frame)
    {
        using var json = JsonDocument.Parse(frame);
        return json.RootElement.TryGetProperty("event_ids", out var ids) ? [.. ids.EnumerateArray().Select(id => id.GetString()!)] : [json.RootElement.GetProperty("event_id").GetString()!];
    }
}
