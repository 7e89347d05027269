using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Log;
using VZaps.Gateway.Log.Segments;
using VZaps.Gateway.Tests.Log.Faults;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

/// <summary>What the files hold after a crash, a power cut or a fault at any operation.</summary>
public sealed class SegmentCrashTests
{
    private const int BatchSize = 3;
    private static readonly LogPageLimits Page = new(MaxEvents: 10_000, MaxBytes: 64 << 20);
    private readonly InstanceId _instance = InstanceId.New();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 23, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_power_cut_loses_nothing_that_was_answered() => Assert.Equal(0, await LostInPowerCutsAsync(flushIsTakenOut: false));

    [Fact]
    public async Task Without_the_flush_a_power_cut_loses_what_was_answered() => Assert.NotEqual(0, await LostInPowerCutsAsync(flushIsTakenOut: true));

    [Fact]
    public async Task Nobody_is_answered_or_woken_before_the_flush()
    {
        var disk = new SimulatedDisk();
        var told = 0;
        await using var log = Open(disk, new Listener(() => Interlocked.Increment(ref told)));
        await AppendAsync(log); // makes the file, with flushes of its own
        for (var i = 1; i <= 5; i++)
        {
            using var gate = disk.HoldFlushes();
            var answer = AppendAsync(log).AsTask();
            await gate.Reached.WaitAsync(TimeSpan.FromSeconds(30));
            Assert.False(answer.IsCompleted, "answered before the flush");
            Assert.Equal(i, Volatile.Read(ref told));
            Assert.Equal(i * BatchSize, log.GetRange(_instance).LastSequence);

            gate.Open();
            await answer.WaitAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(i + 1, Volatile.Read(ref told));
        }
    }

    [Fact]
    public async Task A_publisher_beyond_the_queue_of_a_disk_that_stalls_is_refused_and_those_in_it_are_answered()
    {
        var disk = new SimulatedDisk();
        await using var log = Open(disk, new Listener());
        await AppendAsync(log); // makes the file, with flushes of its own
        var waiting = new List<Task<AppendResult>>();
        using (var gate = disk.HoldFlushes())
        {
            waiting.Add(AppendAsync(log).AsTask());
            await gate.Reached.WaitAsync(TimeSpan.FromSeconds(30));
            for (var i = 0; i < SegmentWriter.MaxQueued; i++)
                waiting.Add(AppendAsync(log).AsTask());

            var refusal = await Assert.ThrowsAsync<EventLogUnavailableException>(async () => await AppendAsync(log));
            Assert.Contains("Nothing was stored", refusal.Message, StringComparison.Ordinal);
            using var givesUp = new CancellationTokenSource();
            var patient = log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message)], givesUp.Token).AsTask();
            await givesUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => patient);
            gate.Open();
        }

        await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal((waiting.Count + 1) * BatchSize, log.GetRange(_instance).LastSequence);
    }

    [Fact]
    public async Task A_fault_at_any_operation_keeps_what_was_answered_and_no_request_by_half()
    {
        var failAt = 1;
        for (; ; failAt++)
        {
            var disk = new SimulatedDisk { FailAt = failAt };
            var answered = new List<EventPosition>();
            await using (var log = Open(disk, new Listener()))
            {
                for (var i = 0; i < 4; i++)
                {
                    try
                    {
                        answered.AddRange((await AppendAsync(log)).Positions);
                    }
                    catch (Exception refused) when (refused is EventLogUnavailableException or EventLogFullException)
                    {
                        // Not answered: nothing is promised.
                    }
                }

                // Reading goes on, whatever became of writing.
                Assert.Subset((await ReadAllAsync(log)).ToHashSet(), answered.ToHashSet());
            }

            await using var reopened = Open(disk.CutPower(new Random(failAt)), new Listener());
            var kept = await ReadAllAsync(reopened);
            Assert.Subset(kept.ToHashSet(), answered.ToHashSet());
            Assert.Equal(0, kept.Count % BatchSize);
            await AppendAsync(reopened);
            if (!disk.FaultWasHit)
                break;
        }

        Assert.True(failAt > 8, $"only {failAt} operations were tried");
    }

    [Fact]
    public async Task A_last_file_cut_at_any_byte_keeps_the_requests_before_it_whole()
    {
        var disk = new SimulatedDisk();
        long wholeEnd, end;
        await using (var log = Open(disk, new Listener()))
        {
            await AppendAsync(log);
            wholeEnd = RecordFormat.Pad((int)EndOf(disk));
            await AppendAsync(log);
            end = EndOf(disk);
        }

        for (var cut = wholeEnd; cut < end; cut++)
        {
            await using var log = Open(disk.Torn(SegmentFile.NameOf(1), cut), new Listener());
            Assert.Equal(BatchSize, (await ReadAllAsync(log)).Count);
            Assert.Equal(BatchSize + 1, (await AppendAsync(log)).Positions[0].Sequence);
        }
    }

    [Fact]
    public async Task Damage_before_a_later_group_stops_the_start_with_file_and_offset()
    {
        var disk = new SimulatedDisk();
        await using (var log = Open(disk, new Listener()))
        {
            await AppendAsync(log);
            await AppendAsync(log);
            await AppendAsync(log);
        }

        disk.Damage(SegmentFile.NameOf(1), FileHeader.Length + 120);
        var refusal = Assert.Throws<EventLogCorruptException>(() => Open(disk, new Listener()));
        Assert.Contains($"{SegmentFile.NameOf(1)} at byte {FileHeader.Length}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Log:SkipCorruptFiles", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_room_for_the_next_file_publishes_are_refused_until_there_is_room_again()
    {
        var disk = new SimulatedDisk { IsFull = true };
        await using var log = Open(disk, new Listener());
        await Assert.ThrowsAsync<EventLogFullException>(() => AppendAsync(log).AsTask());
        Assert.Contains("room", log.Unwritable, StringComparison.Ordinal);

        disk.IsFull = false;

        Assert.Equal(1, (await AppendAsync(log)).Positions[0].Sequence);
        Assert.Null(log.Unwritable);
    }

    [Fact]
    public async Task After_a_restart_keys_and_sequences_go_on()
    {
        var disk = new SimulatedDisk();
        AppendResult first;
        await using (var log = Open(disk, new Listener()))
            first = await log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message, "key")], default);

        await using var again = Open(disk, new Listener());
        var second = await again.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message, "key"), Drafts.Of(_instance, EventType.Message)], default);

        Assert.Equal(first.Positions[0], second.Positions[0]);
        Assert.Equal([0], second.Duplicates);
        Assert.Equal(2, second.Positions[1].Sequence);
    }

    [Fact]
    public async Task A_sequence_is_never_given_out_twice_though_retention_and_a_restart_took_all_events()
    {
        var disk = new SimulatedDisk();
        await using (var log = Open(disk, new Listener()))
        {
            await AppendAsync(log);
            _time.Advance(TimeSpan.FromHours(73));
            await log.TrimAsync(default);
            Assert.Empty(await ReadAllAsync(log));
            Assert.Equal(new LogRange(BatchSize + 1, BatchSize), log.GetRange(_instance));
        }

        await using var again = Open(disk, new Listener());
        Assert.Equal(new LogRange(BatchSize + 1, BatchSize), again.GetRange(_instance));
        Assert.Equal(BatchSize + 1, (await AppendAsync(again)).Positions[0].Sequence);
    }

    [Fact]
    public async Task The_oldest_files_go_when_the_log_holds_more_bytes_than_it_may()
    {
        var disk = new SimulatedDisk();
        var options = new LogOptions { SegmentBytes = 64 * 1024, RetentionBytes = 4 * 64 * 1024 };
        await using var log = Open(disk, new Listener(), options);
        var big = $$"""{"x":"{{new string('x', 10_000)}}"}""";
        for (var i = 0; i < 60; i++)
            await log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message, data: big)], default);

        Assert.InRange(disk.List().Count, 2, 4);
        var range = log.GetRange(_instance);
        Assert.Equal(60, range.LastSequence);
        Assert.Equal(range.FirstSequence, (await ReadAllAsync(log))[0].Sequence);
        Assert.True(range.FirstSequence > 1);
    }

    [Fact]
    public async Task A_full_log_that_must_not_trim_refuses()
    {
        var options = new LogOptions { SegmentBytes = 64 * 1024, RetentionBytes = 2 * 64 * 1024, WhenFull = LogFullPolicy.Refuse };
        await using var log = Open(new SimulatedDisk(), new Listener(), options);
        var big = $$"""{"x":"{{new string('x', 10_000)}}"}""";

        await Assert.ThrowsAsync<EventLogFullException>(async () =>
        {
            for (var i = 0; i < 60; i++)
                await log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message, data: big)], default);
        });
        Assert.Equal(1, log.GetRange(_instance).FirstSequence);
    }

    [Fact]
    public async Task One_instance_keeps_no_more_bytes_than_it_may()
    {
        await using var log = Open(new SimulatedDisk(), new Listener(), new LogOptions { InstanceRetentionBytes = 2_000 });
        for (var i = 0; i < 10; i++)
            await AppendAsync(log);

        var kept = await ReadAllAsync(log);
        Assert.InRange(kept.Count, 1, 15);
        Assert.Equal(30, kept[^1].Sequence);
        Assert.Equal(kept[0].Sequence, log.GetRange(_instance).FirstSequence);
    }

    [Fact]
    public async Task An_event_goes_an_eighth_of_its_age_late_at_most_however_slowly_its_file_fills()
    {
        await using var log = Open(new SimulatedDisk(), new Listener(), new LogOptions { RetentionAge = TimeSpan.FromHours(80) });
        for (var hour = 0; hour < 200; hour++)
        {
            await AppendAsync(log);
            _time.Advance(TimeSpan.FromHours(1));
            await log.TrimAsync(default);
            var oldest = (await ReadAllAsync(log))[0].AppendedAt;
            Assert.True(_time.GetUtcNow() - oldest <= TimeSpan.FromHours(92), $"an event of {oldest} is there at {_time.GetUtcNow()}");
            if (hour >= 80)
                Assert.True(_time.GetUtcNow() - oldest >= TimeSpan.FromHours(80), "an event went too early");
        }
    }

    [Fact]
    public async Task A_file_that_may_not_be_removed_refuses_no_publish_and_no_trim()
    {
        var disk = new SimulatedDisk();
        await using (var log = Open(disk, new Listener()))
        {
            await AppendAsync(log);
            disk.DeniesDeletes = true;
            for (var i = 1; i <= 4; i++)
            {
                _time.Advance(TimeSpan.FromHours(73));
                await log.TrimAsync(default);
                Assert.Empty(await ReadAllAsync(log));
                Assert.Equal((i * BatchSize) + 1, (await AppendAsync(log)).Positions[0].Sequence);
                _time.Advance(TimeSpan.FromDays(8)); // the keys' files, too
            }
        }

        Assert.Equal(0, disk.OpenFiles);
        disk.DeniesDeletes = false;
        await using var again = Open(disk, new Listener());
        await again.TrimAsync(default);
        Assert.Equal((5 * BatchSize) + 1, (await AppendAsync(again)).Positions[0].Sequence);
    }

    [Fact]
    public async Task A_file_under_the_name_of_another_stops_the_start_and_is_not_touched()
    {
        var disk = new SimulatedDisk();
        await using (var log = Open(disk, new Listener()))
            await AppendAsync(log);
        disk.Rename(SegmentFile.NameOf(1), SegmentFile.NameOf(7));
        var before = disk.Content(SegmentFile.NameOf(7));

        var refusal = Assert.Throws<EventLogCorruptException>(() => Open(disk, new Listener()));

        Assert.Contains(SegmentFile.NameOf(7), refusal.Message, StringComparison.Ordinal);
        Assert.Contains(SegmentFile.NameOf(1), refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, disk.Content(SegmentFile.NameOf(7)));
    }

    [Fact]
    public async Task A_key_with_the_bytes_of_a_sound_record_is_none_to_a_recovery()
    {
        var disk = new SimulatedDisk();
        long forgedAt;
        await using (var log = Open(disk, new Listener()))
        {
            await AppendAsync(log);
            forgedAt = RecordFormat.Pad((int)EndOf(disk));
            // What a later group's record would be, aligned as one.
            var forged = new byte[RecordFormat.HeaderLength];
            RecordFormat.Write(
                forged, new RecordHeader(forged.Length, RecordKind.Mark, false, 0, 1 << 20, 1, 99, 99, 1, 0, 0, 0), _instance, [], []);
            var draft = Enumerable.Range(0, 8).Select(n => Drafts.Of(_instance, EventType.Message, data: $$"""{"x":"{{new string('x', n)}}"}""")).First(one => one.Utf8.Length % 8 == 0);
            await log.AppendAsync(_instance, [draft with { IdempotencyKey = forged }], default);
            Assert.True((await log.AppendAsync(_instance, [draft with { IdempotencyKey = forged }], default)).Duplicates is [0]);
        }

        // Its record is torn but for the end of it.
        disk.Damage(SegmentFile.NameOf(1), forgedAt);
        await using var again = Open(disk, new Listener());
        Assert.Equal(new LogRange(1, BatchSize), again.GetRange(_instance));
    }

    [Fact]
    public async Task A_last_file_that_is_all_damage_stops_the_start_and_is_not_deleted()
    {
        var disk = new SimulatedDisk();
        await using (var log = Open(disk, new Listener()))
            await AppendAsync(log);
        for (var offset = 0; offset < 8192; offset++)
            disk.Damage(SegmentFile.NameOf(1), offset);

        Assert.Throws<EventLogCorruptException>(() => Open(disk, new Listener()));
        Assert.Contains(SegmentFile.NameOf(1), disk.List());

        // A crash while it was made: nothing was written to it but a part of its header.
        var unmade = disk.Torn(SegmentFile.NameOf(1), 100);
        await using var log2 = Open(unmade, new Listener());
        await AppendAsync(log2);
    }

    private async Task<int> LostInPowerCutsAsync(bool flushIsTakenOut)
    {
        var lost = 0;
        for (var seed = 0; seed < 30; seed++)
        {
            var disk = new SimulatedDisk { FlushIsTakenOut = flushIsTakenOut };
            var answered = new List<EventPosition>();
            SimulatedDisk after;
            await using (var log = Open(disk, new Listener()))
            {
                for (var i = 0; i <= seed % 5; i++)
                    answered.AddRange((await AppendAsync(log)).Positions);
                after = disk.CutPower(new Random(seed));
            }

            try
            {
                await using var reopened = Open(after, new Listener());
                lost += answered.Except(await ReadAllAsync(reopened)).Count();
            }
            catch (EventLogCorruptException) when (flushIsTakenOut)
            {
                lost += answered.Count;
            }
        }

        return lost;
    }

    private SegmentLog Open(SimulatedDisk disk, ICommitListener listener, LogOptions? options = null) =>
        SegmentLog.Open(disk, options ?? new LogOptions { SegmentBytes = 256 * 1024 }, listener, _time, NullLogger.Instance);

    private ValueTask<AppendResult> AppendAsync(SegmentLog log) =>
        log.AppendAsync(_instance, [.. Enumerable.Range(0, BatchSize).Select(_ => Drafts.Of(_instance, EventType.Message))], default);

    private async Task<List<EventPosition>> ReadAllAsync(SegmentLog log) =>
        [.. (await log.ReadAsync(_instance, 0, EventTypeSet.All, Page, default)).Envelopes.Select(envelope => envelope.Position)];

    /// <summary>Where the last record of the first file ends, without its padding.</summary>
    private static long EndOf(SimulatedDisk disk)
    {
        using var file = disk.Open(SegmentFile.NameOf(1));
        var bytes = new byte[file.Length];
        file.Read(bytes, 0);
        return bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
    }

    private sealed class Listener(Action? told = null) : ICommitListener
    {
        public void OnCommitted(InstanceId instance, ReadOnlySpan<Envelope> envelopes) => told?.Invoke();
    }
}
