using System.Collections.Concurrent;
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
    public async Task To_a_server_without_the_extension_an_ack_is_a_frame_and_nobody_waits_for_it()
    {
        using var socket = new HeldSocket(isHeld: true);
        var outbox = Attached(socket, extended: false);
        Assert.All(Enumerable.Range(1, 3), number => Assert.True(outbox.AckAsync(Envelopes.Id(number)).IsCompleted));
        socket.LetGo(3);
        await outbox.FlushAsync().OrFailAsync();
        Assert.Equal(Enumerable.Range(1, 3).Select(number => $$"""{"type":"ack","event_id":"{{Envelopes.Id(number)}}"}"""), socket.Begun);
    }

    [Fact]
    public async Task Frames_that_gather_while_others_are_sent_go_out_in_one_write_and_are_what_a_server_reads()
    {
        var line = new HeldLine();
        var outbox = new AckOutbox(4_096, new Uplink(NullLogger.Instance));
        using var socket = new HeldSocket(isHeld: false);
        outbox.Attach(new RealtimeConnection(socket, maxMessageBytes: 1_024) { Line = new FrameLine(line) });
        Assert.True(outbox.AckAsync(Envelopes.Id(1)).IsCompleted);
        await Wait.UntilAsync(() => line.Writes.Count == 1, "first write");
        var longId = "evt_" + new string('x', 200);
        List<string> ids = [.. Enumerable.Range(2, 300).Select(Envelopes.Id), longId, Envelopes.Id(302)];
        ids.ForEach(id => Assert.True(outbox.AckAsync(id).IsCompleted));
        line.Release.SetResult();
        await outbox.FlushAsync().OrFailAsync();
        // The one that fits no short frame goes by the socket, in its turn.
        Assert.Equal([longId], socket.Begun.SelectMany(Ids));
        Assert.Equal([1, 256, 44, 1], line.Writes.Select(write => write.Texts.Count));
        Assert.Equal([Envelopes.Id(1), .. ids.Where(id => id != longId)], line.Writes.SelectMany(write => write.Texts).SelectMany(Ids));
        var keys = line.Writes.SelectMany(write => write.Keys).ToList();
        Assert.Equal(keys.Count, keys.Distinct().Count());
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

    /// <summary>Keeps what is written, frame by frame; the first write waits for the test.</summary>
    private sealed class HeldLine : MemoryStream
    {
        public TaskCompletionSource Release { get; } = new();

        public ConcurrentQueue<(List<string> Texts, List<uint> Keys)> Writes { get; } = new();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var (texts, keys) = (new List<string>(), new List<uint>());
            for (var rest = buffer.ToArray().AsSpan(); rest.Length > 0; rest = rest[(6 + (rest[1] & 0x7F))..])
            {
                Assert.Equal((0x81, 0x80), (rest[0], rest[1] & 0x80)); // a whole text, masked
                keys.Add(BitConverter.ToUInt32(rest[2..]));
                var text = rest.Slice(6, rest[1] & 0x7F).ToArray();
                for (var i = 0; i < text.Length; i++)
                    text[i] ^= rest[2 + (i % 4)];
                texts.Add(System.Text.Encoding.UTF8.GetString(text));
            }

            Writes.Enqueue((texts, keys));
            await Release.Task;
        }
    }
}
