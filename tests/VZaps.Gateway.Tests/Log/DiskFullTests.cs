using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Log;
using VZaps.Gateway.Log.Segments;
using VZaps.Gateway.Tests.Log.Faults;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

/// <summary>A disk that has no room, at any operation: publishes are refused, reads go on, and with room publishes do.</summary>
public sealed class DiskFullTests
{
    private const int BatchSize = 3, Batches = 30;
    private const long SegmentBytes = 4096 + 4096;
    private static readonly LogPageLimits Page = new(MaxEvents: 10_000, MaxBytes: 64 << 20);
    private readonly InstanceId _instance = InstanceId.New();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 23, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(DiskFault.FullOnce)]
    [InlineData(DiskFault.Full)]
    [InlineData(DiskFault.FullForAll)]
    internal async Task Without_room_at_any_operation_publishes_are_refused_reads_go_on_and_with_room_publishes_do(DiskFault fault)
    {
        var failAt = 1;
        for (; ; failAt++)
        {
            var disk = new SimulatedDisk { FailAt = failAt, Fault = fault };
            var account = new Account();
            await using (var log = Open(disk))
            {
                for (var i = 0; i < Batches; i++)
                    Assert.Equal(await account.AppendAsync(log, _instance, $"batch {i}"), log.Unwritable is null);
                Assert.Equal(account.Kept, await ReadAllAsync(log));
                if (!disk.FaultWasHit)
                    break;

                disk.HasRoomAgain = true;
                Assert.True(await account.AppendAsync(log, _instance, "with room again"), $"operation {failAt}");
                Assert.Null(log.Unwritable);
                AssertNoHole(account.Kept);
                Assert.Equal(account.Kept, await ReadAllAsync(log));

                // The sequences of what was refused were given out again, and its keys are free.
                Assert.All(account.Refused, refused => Assert.DoesNotContain(refused, account.Batches));
                foreach (var refused in account.Refused.ToList())
                    Assert.True(await account.AppendAsync(log, _instance, refused));
                Assert.Equal(account.Kept, await ReadAllAsync(log));
            }

            await using var reopened = Open(disk.CutPower(new Random(failAt)));
            Assert.Equal(account.Kept, await ReadAllAsync(reopened));
        }

        Assert.True(failAt > 50, $"only {failAt} operations were tried");
    }

    [Theory]
    [InlineData(DiskFault.FullOnce)]
    [InlineData(DiskFault.Full)]
    [InlineData(DiskFault.FullForAll)]
    internal async Task A_power_cut_while_there_is_no_room_keeps_what_was_answered_and_no_request_by_half(DiskFault fault)
    {
        for (var failAt = 1; ; failAt++)
        {
            var disk = new SimulatedDisk { FailAt = failAt, Fault = fault };
            var account = new Account();
            SimulatedDisk after;
            await using (var log = Open(disk))
            {
                for (var i = 0; i < Batches && account.Refused.Count + account.Unknown.Count == 0; i++)
                    await account.AppendAsync(log, _instance, $"batch {i}");
                after = disk.CutPower(new Random(failAt));
            }

            await using var reopened = Open(after);
            var kept = await ReadAllAsync(reopened);
            Assert.Equal(account.Kept, kept.Take(account.Kept.Count));
            Assert.Contains(kept.Count - account.Kept.Count, account.Unknown.Count == 0 ? [0] : (int[])[0, BatchSize]);
            AssertNoHole(kept);
            if (!disk.FaultWasHit)
                break;
        }
    }

    [Fact]
    public async Task After_any_other_failure_of_a_write_or_flush_the_disk_is_not_touched_again()
    {
        var stops = 0;
        for (var failAt = 1; ; failAt++)
        {
            var disk = new SimulatedDisk { FailAt = failAt };
            await using var log = Open(disk);
            var account = new Account();
            var operationsWhenStopped = 0;
            for (var i = 0; i < Batches; i++)
            {
                await account.AppendAsync(log, _instance, $"batch {i}");
                if (log.Unwritable?.Contains("started again", StringComparison.Ordinal) != true)
                    continue;
                operationsWhenStopped = operationsWhenStopped == 0 ? disk.Operations : operationsWhenStopped;
                Assert.Equal(operationsWhenStopped, disk.Operations);
            }

            stops += operationsWhenStopped > 0 ? 1 : 0;
            Assert.Equal(account.Kept, await ReadAllAsync(log));
            if (!disk.FaultWasHit)
                break;
        }

        Assert.True(stops > 40, $"{stops} faults stopped the log");
    }

    [Fact]
    public async Task A_failed_flush_at_a_trim_stops_writing_too()
    {
        var disk = new SimulatedDisk { FailAt = 7 }; // four for the file, two for the append, then the file is cut
        await using var log = Open(disk);
        var account = new Account();
        await account.AppendAsync(log, _instance, "a batch");
        _time.Advance(TimeSpan.FromHours(73));
        await Assert.ThrowsAsync<EventLogUnavailableException>(() => log.TrimAsync(default).AsTask());
        Assert.True(disk.FaultWasHit);
        Assert.Contains("started again", log.Unwritable, StringComparison.Ordinal);
        Assert.False(await account.AppendAsync(log, _instance, "another"));
    }

    [Fact]
    public async Task Without_a_publish_a_trim_finds_that_there_is_room_again()
    {
        var disk = new SimulatedDisk { IsFull = true };
        await using var log = Open(disk);
        Assert.False(await new Account().AppendAsync(log, _instance, "refused"));
        await log.TrimAsync(default);
        Assert.NotNull(log.Unwritable);

        disk.IsFull = false;
        await log.TrimAsync(default);

        Assert.Null(log.Unwritable);
    }

    [Fact]
    public async Task A_trim_is_not_done_before_it_has_looked_for_room()
    {
        var disk = new SimulatedDisk { IsFull = true };
        await using var log = Open(disk);
        Assert.False(await new Account().AppendAsync(log, _instance, "refused"));

        disk.IsFull = false;
        using var looking = disk.HoldCreates(SegmentFile.Suffix);
        var trim = log.TrimAsync(default).AsTask();
        await looking.Reached;
        Assert.False(trim.IsCompleted);
        looking.Open();
        await trim;

        Assert.Null(log.Unwritable);
    }

    [Fact]
    public async Task Tries_without_room_leave_no_files_behind()
    {
        var disk = new SimulatedDisk { IsFullForRecords = true };
        await using var log = Open(disk);
        var account = new Account();
        for (var i = 0; i < 20; i++)
            Assert.False(await account.AppendAsync(log, _instance, $"batch {i}"));
        Assert.Single(disk.List());
        Assert.Equal(FileHeader.Length, disk.Bytes);
    }

    [Fact]
    public async Task What_retention_lets_go_makes_room_on_a_full_disk()
    {
        // One file, and behind it a small one for the marks, and no more.
        var disk = new SimulatedDisk { MostBytes = SegmentBytes + 4096 + 512 };
        await using var log = Open(disk, new LogOptions { SegmentBytes = SegmentBytes, RetentionAge = TimeSpan.FromHours(1) });
        var account = new Account();
        for (var i = 0; account.Refused.Count == 0; i++)
            await account.AppendAsync(log, _instance, $"batch {i}");
        await log.TrimAsync(default);
        Assert.NotNull(log.Unwritable);

        _time.Advance(TimeSpan.FromHours(2));
        await log.TrimAsync(default);

        Assert.Null(log.Unwritable);
        Assert.True(await account.AppendAsync(log, _instance, "after the trim"));
        Assert.Equal(account.Kept[^1].Sequence, log.GetRange(_instance).LastSequence);
        AssertNoHole(account.Kept);
    }

    [Fact]
    public async Task Retention_by_bytes_on_a_disk_of_just_that_size_refuses_nothing()
    {
        var disk = new SimulatedDisk { MostBytes = 3 * SegmentBytes };
        await using var log = Open(disk, new LogOptions { SegmentBytes = SegmentBytes, RetentionBytes = 3 * SegmentBytes });
        for (var i = 0; i < 200; i++)
            await log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message, $"key {i}")], default);
        Assert.Null(log.Unwritable);
        Assert.Equal(200, log.GetRange(_instance).LastSequence);
        Assert.True(log.GetRange(_instance).FirstSequence > 1);
    }

    [Fact]
    public async Task A_key_whose_record_cannot_be_read_refuses_its_request_and_leaves_no_hole()
    {
        var disk = new SimulatedDisk();
        await using var log = Open(disk);
        EventDraft[] Twice() => [Drafts.Of(_instance, EventType.Message, "new"), Drafts.Of(_instance, EventType.Message, "known")];
        await log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message, "known")], default);

        disk.IsUnreadable = true;
        await Assert.ThrowsAsync<EventLogUnavailableException>(() => log.AppendAsync(_instance, Twice(), default).AsTask());
        disk.IsUnreadable = false;

        var stored = await log.AppendAsync(_instance, Twice(), default);
        Assert.Equal([1], stored.Duplicates);
        Assert.Equal([2, 1], stored.Positions.Select(position => position.Sequence));
    }

    private SegmentLog Open(SimulatedDisk disk, LogOptions? options = null) =>
        SegmentLog.Open(disk, options ?? new LogOptions { SegmentBytes = SegmentBytes }, new Nobody(), _time, NullLogger.Instance);

    private async Task<List<EventPosition>> ReadAllAsync(SegmentLog log) =>
        [.. (await log.ReadAsync(_instance, 0, EventTypeSet.All, Page, default)).Envelopes.Select(envelope => envelope.Position)];

    private static void AssertNoHole(List<EventPosition> positions) =>
        Assert.Equal(Enumerable.Range(1, positions.Count).Select(sequence => (long)sequence), positions.Select(position => position.Sequence));

    /// <summary>What became of each batch.</summary>
    private sealed class Account
    {
        public List<EventPosition> Kept { get; } = [];

        public List<string> Batches { get; } = [];

        /// <summary>Nothing of these may be there.</summary>
        public List<string> Refused { get; } = [];

        /// <summary>These may be there until something else is written.</summary>
        public List<string> Unknown { get; } = [];

        public async Task<bool> AppendAsync(SegmentLog log, InstanceId instance, string batch)
        {
            try
            {
                var drafts = Enumerable.Range(0, BatchSize).Select(n => Drafts.Of(instance, EventType.Message, $"{batch}, {n}")).ToList();
                var result = await log.AppendAsync(instance, drafts, default);
                Assert.Empty(result.Duplicates);
                Kept.AddRange(result.Positions);
                Batches.Add(batch);
                Refused.Remove(batch);
                return true;
            }
            catch (EventLogFullException)
            {
                Refused.Add(batch);
                return false;
            }
            catch (EventLogUnavailableException)
            {
                Unknown.Add(batch);
                return false;
            }
        }
    }
}
