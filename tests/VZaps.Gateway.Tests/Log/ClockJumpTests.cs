using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Log;
using VZaps.Gateway.Log.Segments;
using VZaps.Gateway.Tests.Fixtures;
using VZaps.Gateway.Tests.Log.Faults;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

/// <summary>A clock that is put back or forward while the log is written, and between two starts.</summary>
public sealed class ClockJumpTests
{
    private static readonly DateTimeOffset Noon = new(2026, 6, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly LogPageLimits Page = new(MaxEvents: 10_000, MaxBytes: 64 << 20);
    private readonly InstanceId _instance = InstanceId.New();
    private readonly SimulatedDisk _disk = new();

    [Theory]
    [InlineData(-1, false)]
    [InlineData(-1, true)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    public async Task Append_times_never_decrease_ids_stay_sorted_and_keys_hold(int hours, bool withRestart)
    {
        var ids = new List<EventPosition>();
        var clock = new JumpingClock();
        var log = Open(clock);
        for (var i = 0; i < 6; i++)
        {
            ids.AddRange((await AppendAsync(log, $"key {i}")).Positions);
            clock.Jump((i % 2 == 0 ? hours : -hours) * Hour); // there and back again, more than once
            if (!withRestart)
                continue;
            await log.DisposeAsync();
            log = Open(clock);
        }

        Assert.Equal(ids.OrderBy(id => id.ToString(), StringComparer.Ordinal), ids);
        Assert.Equal(ids, await ReadAllAsync(log));
        Assert.Equal([1L, 2, 3, 4, 5, 6], ids.Select(id => id.Sequence));
        for (var i = 0; i < 6; i++)
            Assert.Equal(ids[i], (await AppendAsync(log, $"key {i}")).Positions[0]);
        await log.DisposeAsync();
    }

    [Fact]
    public async Task A_clock_that_was_put_back_keeps_events_longer_by_the_jump_and_no_shorter()
    {
        var clock = new FakeTimeProvider(Noon);
        await using (var log = Open(clock))
            await AppendAsync(log);
        clock = new FakeTimeProvider(Noon - Hour);
        await using var back = Open(clock);
        await AppendAsync(back);

        clock.Advance(TimeSpan.FromHours(72) + Hour);
        await back.TrimAsync(default);
        Assert.Equal(2, (await ReadAllAsync(back)).Count);

        clock.Advance(TimeSpan.FromSeconds(1));
        await back.TrimAsync(default);
        Assert.Empty(await ReadAllAsync(back));
    }

    [Fact]
    public async Task A_clock_that_was_put_forward_takes_events_earlier_by_the_jump_and_no_earlier()
    {
        var clock = new FakeTimeProvider(Noon);
        await using var log = Open(clock);
        await AppendAsync(log);

        clock.Advance(TimeSpan.FromHours(70)); // they pass
        clock.Advance(TimeSpan.FromHours(2)); // this is the jump
        await log.TrimAsync(default);
        Assert.Single(await ReadAllAsync(log));

        clock.Advance(TimeSpan.FromSeconds(1));
        await log.TrimAsync(default);
        Assert.Empty(await ReadAllAsync(log));
    }

    [Fact]
    public async Task After_a_clock_that_was_an_hour_ahead_events_of_the_hour_before_are_found_by_the_time_they_were_given()
    {
        var clock = new FakeTimeProvider(Noon + Hour);
        await using (var log = Open(clock))
            await AppendAsync(log);
        clock = new FakeTimeProvider(Noon);
        await using var right = Open(clock);
        await AppendAsync(right);

        Assert.Equal(0, right.FindSequenceBefore(_instance, Noon + Hour));
        Assert.Equal(2, right.FindSequenceBefore(_instance, Noon + Hour + TimeSpan.FromMilliseconds(1)));
    }

    private SegmentLog Open(TimeProvider clock) =>
        SegmentLog.Open(_disk, new LogOptions { SegmentBytes = 256 * 1024 }, new Nobody(), clock, NullLogger.Instance);

    private ValueTask<AppendResult> AppendAsync(SegmentLog log, string? key = null) =>
        log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message, key)], default);

    private async Task<List<EventPosition>> ReadAllAsync(SegmentLog log) =>
        [.. (await log.ReadAsync(_instance, 0, EventTypeSet.All, Page, default)).Envelopes.Select(envelope => envelope.Position)];
}
