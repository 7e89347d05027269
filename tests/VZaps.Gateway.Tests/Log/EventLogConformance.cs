using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Log;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

/// <summary>What every engine of the log must do; each engine's test class inherits it.</summary>
public abstract class EventLogConformance
{
    private static readonly LogPageLimits Page = new(MaxEvents: 1_000, MaxBytes: 64 << 20);
    private readonly InstanceId _instance = InstanceId.New();
    private readonly ListenerRecord _listener = new();

    private protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 6, 23, 12, 0, 0, TimeSpan.Zero));

    private protected abstract ValueTask<IEventLog> OpenAsync(ICommitListener listener);

    [Fact]
    public async Task What_is_appended_is_read_in_its_order_with_its_id_filled_in()
    {
        await using var log = await OpenAsync(_listener);
        var first = await log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message), Drafts.Of(_instance, EventType.Connected)], default);
        var second = await log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message)], default);

        var page = await log.ReadAsync(_instance, 0, EventTypeSet.All, Page, default);

        Assert.Equal([1, 2, 3], page.Envelopes.Select(envelope => envelope.Position.Sequence));
        Assert.Equal([.. first.Positions, .. second.Positions], page.Envelopes.Select(envelope => envelope.Position));
        Assert.Equal([EventType.Message, EventType.Connected, EventType.Message], page.Envelopes.Select(envelope => envelope.Type));
        Assert.All(page.Envelopes, envelope => Assert.StartsWith($$"""{"id":"{{envelope.Position}}","type":"{{envelope.Type}}",""", Encoding.UTF8.GetString(envelope.Utf8.Span)));
        Assert.All(page.Envelopes, envelope => Assert.True(envelope.Position.BelongsTo(_instance)));
        Assert.Equal((3, true), (page.ReadThrough, page.ReachedEnd));
        Assert.Equal(new LogRange(1, 3), log.GetRange(_instance));
    }

    [Fact]
    public async Task Instances_do_not_see_each_other()
    {
        await using var log = await OpenAsync(_listener);
        var other = InstanceId.New();
        await log.AppendAsync(other, [Drafts.Of(other, EventType.Message)], default);

        Assert.Empty((await log.ReadAsync(_instance, 0, EventTypeSet.All, Page, default)).Envelopes);
        Assert.Equal(new LogRange(1, 0), log.GetRange(_instance));
    }

    [Fact]
    public async Task Pages_are_bounded_and_pass_over_other_types()
    {
        await using var log = await OpenAsync(_listener);
        for (var i = 0; i < 10; i++)
            await log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Presence), Drafts.Of(_instance, EventType.Message)], default);

        var messages = EventTypeSet.Of(EventType.Message);
        var page = await log.ReadAsync(_instance, 3, messages, new LogPageLimits(2, 1 << 20), default);
        Assert.Equal([4, 6], page.Envelopes.Select(envelope => envelope.Position.Sequence));
        Assert.Equal((7, false), (page.ReadThrough, page.ReachedEnd));
        page = await log.ReadAsync(_instance, page.ReadThrough, messages, new LogPageLimits(100, 1), default);
        Assert.Equal([8], page.Envelopes.Select(envelope => envelope.Position.Sequence));
        page = await log.ReadAsync(_instance, 8, EventTypeSet.Of(EventType.Connected), Page, default);
        Assert.Equal((0, 20, true), (page.Envelopes.Count, page.ReadThrough, page.ReachedEnd));
    }

    [Fact]
    public async Task The_same_key_in_the_same_instance_gives_the_first_ones_id_and_stores_nothing()
    {
        await using var log = await OpenAsync(_listener);
        var first = await log.AppendAsync(_instance, [Keyed("a"), Keyed("b"), Keyed("a")], default);
        var again = await log.AppendAsync(_instance, [Keyed("c"), Keyed("b")], default);
        var other = InstanceId.New();
        var elsewhere = await log.AppendAsync(other, [Drafts.Of(other, EventType.Message, "a")], default);

        Assert.Equal([2], first.Duplicates);
        Assert.Equal(first.Positions[0], first.Positions[2]);
        Assert.Equal([1], again.Duplicates);
        Assert.Equal(first.Positions[1], again.Positions[1]);
        Assert.Empty(elsewhere.Duplicates);
        Assert.Equal(3, log.GetRange(_instance).LastSequence);
    }

    [Fact]
    public async Task The_same_key_from_many_at_once_is_one_event()
    {
        await using var log = await OpenAsync(_listener);
        var results = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => log.AppendAsync(_instance, [Keyed("k")], default).AsTask())));

        Assert.Single(results.Select(result => result.Positions[0]).Distinct());
        Assert.Equal(63, results.Count(result => result.Duplicates.Count == 1));
        Assert.Equal(1, log.GetRange(_instance).LastSequence);
    }

    [Fact]
    public async Task Listeners_are_told_of_every_event_once_in_the_order_of_the_log()
    {
        await using var log = await OpenAsync(_listener);
        var instances = Enumerable.Range(0, 5).Select(_ => InstanceId.New()).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(publisher => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                var instance = instances[(publisher + i) % instances.Length];
                await log.AppendAsync(instance, [Drafts.Of(instance, EventType.Message), Drafts.Of(instance, EventType.Message)], default);
            }
        })));

        foreach (var instance in instances)
        {
            Assert.Equal(Enumerable.Range(1, 160).Select(i => (long)i), _listener.Told[instance]);
            Assert.Equal(160, (await log.ReadAsync(instance, 0, EventTypeSet.All, Page, default)).Envelopes.Count);
        }
    }

    [Fact]
    public async Task A_time_finds_the_last_sequence_before_it()
    {
        await using var log = await OpenAsync(_listener);
        var start = Time.GetUtcNow();
        for (var i = 0; i < 5; i++)
        {
            await log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message)], default);
            Time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(0, log.FindSequenceBefore(_instance, start));
        Assert.Equal(3, log.FindSequenceBefore(_instance, start + TimeSpan.FromSeconds(25)));
        Assert.Equal(5, log.FindSequenceBefore(_instance, start + TimeSpan.FromDays(1)));
    }

    [Fact]
    public async Task Append_times_never_decrease_though_the_clock_does()
    {
        await using var log = await OpenAsync(_listener);
        await log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message)], default);
        Time.AutoAdvanceAmount = TimeSpan.Zero;
        Time.AdjustTime(Time.GetUtcNow() - TimeSpan.FromHours(1));
        await log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message)], default);

        var page = await log.ReadAsync(_instance, 0, EventTypeSet.All, Page, default);
        Assert.True(page.Envelopes[0].Position.IsBefore(page.Envelopes[1].Position));
    }

    private EventDraft Keyed(string key) => Drafts.Of(_instance, EventType.Message, key);

    private sealed class ListenerRecord : ICommitListener
    {
        public ConcurrentDictionary<InstanceId, List<long>> Told { get; } = new();

        public void OnCommitted(InstanceId instance, ReadOnlySpan<Envelope> envelopes)
        {
            var told = Told.GetOrAdd(instance, _ => []);
            foreach (var envelope in envelopes)
                told.Add(envelope.Position.Sequence);
        }
    }
}
