using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Log;
using VZaps.Gateway.Log.Segments;
using VZaps.Gateway.Tests.Log.Faults;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

/// <summary>What becomes of a damaged file where <c>Log:SkipCorruptFiles</c> is on.</summary>
public sealed class DamageTests
{
    private const int Batches = 40, BatchSize = 3;
    private static readonly LogPageLimits Page = new(MaxEvents: 10_000, MaxBytes: 64 << 20);
    private readonly InstanceId _instance = InstanceId.New();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly RecordingLogger _logger = new();

    [Fact]
    public async Task A_damaged_file_is_set_aside_and_all_that_is_sound_in_it_is_kept()
    {
        var disk = await FillAsync();
        var name = SegmentFile.NameOf(2);
        var damagedEvent = DamageRecord(disk, name, record: 4);
        var damaged = disk.Content(name);

        await using (var skipped = Open(disk, skip: true))
            Assert.Equal(All.Except([damagedEvent]), await ReadAllAsync(skipped));

        Assert.Equal(damaged, disk.Content(name + DamagedFiles.Suffix));
        var line = Assert.Single(_logger.Lines, line => line.EventId == 2002);
        Assert.Contains(name, line.Message, StringComparison.Ordinal);
        Assert.Contains(name + DamagedFiles.Suffix, line.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_logger.Lines, line => line.Message.Contains("never answered", StringComparison.Ordinal));
        await AssertStartsAsync(disk, All.Except([damagedEvent]));
    }

    [Fact]
    public async Task Damage_in_the_middle_of_the_last_file_loses_what_it_hit_and_no_more()
    {
        var disk = await FillAsync();
        var name = disk.List().Max(StringComparer.Ordinal)!;
        var damagedEvent = DamageRecord(disk, name, record: 0);
        Assert.Throws<EventLogCorruptException>(() => Open(disk));

        await Open(disk, skip: true).DisposeAsync();

        Assert.DoesNotContain(_logger.Lines, line => line.Message.Contains("never answered", StringComparison.Ordinal));
        await AssertStartsAsync(disk, All.Except([damagedEvent]));
    }

    [Fact]
    public async Task A_file_damaged_at_any_place_starts_with_the_switch_and_then_without()
    {
        var whole = await FillAsync();
        var name = SegmentFile.NameOf(2);
        for (var offset = 0L; offset < whole.Content(name).Length; offset += offset == 0 ? FileHeader.Length : 7)
        {
            var disk = whole.Copy();
            disk.Damage(name, offset);
            await using (var skipped = Open(disk, skip: true))
                Assert.InRange((await ReadAllAsync(skipped)).Count, All.Count - 1, All.Count);
            await using var again = Open(disk);
            Assert.InRange((await ReadAllAsync(again)).Count, All.Count - 1, All.Count);
        }
    }

    [Fact]
    public async Task A_file_without_a_sound_record_is_set_aside_and_nothing_takes_its_place()
    {
        var disk = await FillAsync();
        var name = SegmentFile.NameOf(2);
        for (var offset = 0; offset < disk.Content(name).Length; offset++)
            disk.Damage(name, offset);

        await Open(disk, skip: true).DisposeAsync();

        Assert.DoesNotContain(name, disk.List());
        Assert.Contains(name + DamagedFiles.Suffix, disk.List());
        await using var again = Open(disk);
        var kept = await ReadAllAsync(again);
        Assert.InRange(kept.Count, 1, All.Count - BatchSize);
        Assert.Equal(All.Count + 1, (await AppendAsync(again))[0].Sequence);
    }

    [Fact]
    public async Task A_fault_or_a_power_cut_at_any_operation_of_setting_aside_loses_nothing_that_is_sound()
    {
        var whole = await FillAsync();
        var name = SegmentFile.NameOf(2);
        var damagedEvent = DamageRecord(whole, name, record: 4);
        var failAt = 1;
        for (; ; failAt++)
        {
            var disk = whole.Copy(failAt);
            try
            {
                await Open(disk, skip: true).DisposeAsync();
            }
            catch (IOException)
            {
                // The operator starts again.
            }

            var after = disk.CutPower(new Random(failAt));
            await Open(after, skip: true).DisposeAsync();
            Assert.Contains(after.List(), other => other.StartsWith(name + DamagedFiles.Suffix, StringComparison.Ordinal));
            await AssertStartsAsync(after, All.Except([damagedEvent]));
            if (!disk.FaultWasHit)
                break;
        }

        Assert.True(failAt > 8, $"only {failAt} operations were tried");
    }

    [Fact]
    public async Task A_file_that_is_missing_is_said_at_the_start_and_no_reader_passes_over_it_unnoticed()
    {
        var disk = await FillAsync();
        disk.Delete(SegmentFile.NameOf(2));

        await using var log = Open(disk);

        var line = Assert.Single(_logger.Lines, line => line.EventId == 2006);
        Assert.Contains(SegmentFile.NameOf(3), line.Message, StringComparison.Ordinal);
        var before = await log.ReadAsync(_instance, 0, EventTypeSet.All, Page, default);
        Assert.False(before.ReachedEnd);
        var behind = await log.ReadAsync(_instance, before.ReadThrough, EventTypeSet.All, Page, default);
        Assert.True(behind.ReadAfter > before.ReadThrough, "a gap shows in where the page began");
        Assert.Equal(behind.ReadAfter + 1, behind.Envelopes[0].Position.Sequence);
        Assert.Equal(All.Count - (behind.ReadAfter - before.ReadThrough), before.Envelopes.Count + behind.Envelopes.Count);
        Assert.Contains(LogVerification.Run(disk), verdict => verdict.Damage.Any(damage => damage.What.Contains("missing", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_check_names_what_is_damaged_and_where_and_finds_every_damaged_byte()
    {
        var whole = await FillAsync();
        await Open(whole).DisposeAsync();
        Assert.All(LogVerification.Run(whole), verdict => Assert.Empty(verdict.Damage));
        Assert.Equal(All.Count, LogVerification.Run(whole).Sum(verdict => verdict.Events));

        foreach (var name in whole.List().Take(2))
        {
            for (var offset = 0L; offset < whole.Content(name).Length; offset += offset == 0 ? FileHeader.Length : 11)
            {
                var disk = whole.Copy();
                disk.Damage(name, offset);
                var damage = Assert.Single(LogVerification.Run(disk), verdict => verdict.Damage.Count > 0).Damage[0];
                Assert.True(damage.Offset <= offset && offset < Math.Max(damage.EndOffset, damage.Offset + 1), $"{offset}: {damage}");
            }
        }
    }

    [Fact]
    public async Task The_torn_end_of_a_crash_is_no_damage_to_a_check()
    {
        var disk = await FillAsync();
        var name = disk.List().Max(StringComparer.Ordinal)!;
        Assert.True(SegmentFile.TryParseName(name, out var number));
        var end = SegmentScan.Check(disk.Content(name), (uint)number).End;

        var verdict = LogVerification.Run(disk.Torn(name, end - 50)).Last();

        Assert.Empty(verdict.Damage);
        Assert.Contains("middle of a write", Assert.Single(verdict.Notes), StringComparison.Ordinal);
    }

    private static List<long> All => [.. Enumerable.Range(1, Batches * BatchSize).Select(sequence => (long)sequence)];

    private async Task AssertStartsAsync(SimulatedDisk disk, IEnumerable<long> kept)
    {
        await using var log = Open(disk);
        Assert.Equal(kept, await ReadAllAsync(log));
        Assert.Equal(All.Count + 1, (await AppendAsync(log))[0].Sequence);
    }

    /// <summary>Damages one record of a file; returns its event's sequence.</summary>
    private static long DamageRecord(SimulatedDisk disk, string name, int record)
    {
        Assert.True(SegmentFile.TryParseName(name, out var number));
        var records = new List<(RecordHeader Header, int Offset)>();
        SegmentScan.Run(disk.Content(name), (uint)number, (header, offset) => records.Add((header, offset)));
        disk.Damage(name, records[record].Offset + RecordFormat.HeaderLength + 3);
        return records[record].Header.Sequence;
    }

    private async Task<SimulatedDisk> FillAsync()
    {
        var disk = new SimulatedDisk();
        await using var log = Open(disk);
        for (var i = 0; i < Batches; i++)
            await AppendAsync(log);
        Assert.True(disk.List().Count > 3);
        return disk;
    }

    private SegmentLog Open(SimulatedDisk disk, bool skip = false) =>
        SegmentLog.Open(disk, new LogOptions { SegmentBytes = 12 * 1024, SkipCorruptFiles = skip }, new Nobody(), _time, _logger);

    private async Task<IReadOnlyList<EventPosition>> AppendAsync(SegmentLog log) =>
        (await log.AppendAsync(_instance, [.. Enumerable.Range(0, BatchSize).Select(_ => Drafts.Of(_instance, EventType.Message))], default)).Positions;

    /// <summary>Page after page: where events are missing a page ends before them, and the next one begins behind.</summary>
    private async Task<List<long>> ReadAllAsync(SegmentLog log)
    {
        var read = new List<long>();
        for (LogPage page = new([], 0, 0, ReachedEnd: false); !page.ReachedEnd;)
        {
            page = await log.ReadAsync(_instance, page.ReadThrough, EventTypeSet.All, Page, default);
            read.AddRange(page.Envelopes.Select(envelope => envelope.Position.Sequence));
        }

        return read;
    }
}
