using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Log;
using VZaps.Gateway.Log.Segments;
using VZaps.Gateway.Tests.Log.Faults;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

/// <summary>Files that have to go and cannot be deleted.</summary>
public sealed class StuckFileTests
{
    private const int Keys = 60;
    private const long SegmentBytes = 12 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly LogPageLimits Page = new(MaxEvents: 10_000, MaxBytes: 64 << 20);
    private readonly InstanceId _instance = InstanceId.New();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly RecordingLogger _logger = new();
    private readonly SimulatedDisk _disk = new() { Undeletable = SegmentFile.NameOf(1) };

    [Fact]
    public async Task A_file_that_cannot_be_deleted_holds_up_none_behind_it_and_goes_with_a_later_trim()
    {
        await using var log = Open();
        await AppendAsync(log, 3 * Keys);
        Assert.True(Segments().Count > 3);
        _time.Advance(TimeSpan.FromHours(73));
        await log.TrimAsync(default);

        Assert.Equal([SegmentFile.NameOf(1)], Segments().Where(name => name != Written()));
        Assert.Single(_logger.Lines, line => line.EventId == 2013);

        _disk.Undeletable = null;
        await log.TrimAsync(default);
        Assert.Equal([Written()], Segments());
        Assert.DoesNotContain(_disk.List(), name => name.EndsWith(GoneFiles.Suffix, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_start_does_not_take_a_file_that_has_gone_for_one_of_the_log()
    {
        await using (var log = Open())
        {
            await AppendAsync(log, Keys);
            _time.Advance(TimeSpan.FromHours(73));
            await log.TrimAsync(default);
            await AppendAsync(log, 3, from: Keys);
        }

        Assert.Contains(SegmentFile.NameOf(1), Segments());
        for (var restart = 0; restart < 2; restart++)
        {
            var disk = _disk.CutPower(new Random(restart));
            disk.Undeletable = restart == 0 ? SegmentFile.NameOf(1) : null;
            await using var again = Open(disk);
            Assert.Equal(new LogRange(Keys + 1, Keys + 3), again.GetRange(_instance));
            Assert.Equal(3, (await again.ReadAsync(_instance, 0, EventTypeSet.All, Page, default)).Envelopes.Count);
            Assert.Equal(Keys, (await AppendAsync(again, Keys)).Count); // all are known
            Assert.All(LogVerification.Run(disk), verdict => Assert.Empty(verdict.Damage));
            Assert.Equal(restart == 0, disk.List().Contains(SegmentFile.NameOf(1)));
            Assert.Equal(restart == 0, disk.List().Contains(SegmentFile.NameOf(1) + GoneFiles.Suffix));
        }

        Assert.Single(_logger.Lines, line => line.EventId == 2017);
        Assert.DoesNotContain(_logger.Lines, line => line.EventId == 2006);
    }

    [Fact]
    public async Task A_fault_or_a_power_cut_at_any_operation_beside_it_leaves_no_hole()
    {
        var whole = new SimulatedDisk();
        await using (var log = Open(whole))
            await AppendAsync(log, Keys);
        _time.Advance(TimeSpan.FromHours(73));
        foreach (var fault in new[] { DiskFault.Failure, DiskFault.PowerCut, DiskFault.FullOnce })
        {
            for (var failAt = 1; ; failAt++)
            {
                var disk = whole.Copy(failAt, fault);
                disk.Undeletable = SegmentFile.NameOf(1);
                try
                {
                    await using var log = Open(disk);
                    await log.TrimAsync(default);
                }
                catch (Exception refused) when (refused is IOException or EventLogUnavailableException or EventLogFullException)
                {
                    // Started again.
                }

                var after = disk.CutPower(new Random(failAt));
                after.Undeletable = SegmentFile.NameOf(1);
                await using (var again = Open(after))
                    Assert.True(again.GetRange(_instance).LastSequence >= Keys);
                Assert.DoesNotContain(_logger.Lines, line => line.EventId == 2006);
                Assert.All(LogVerification.Run(after), verdict => Assert.Empty(verdict.Damage));
                if (!disk.FaultWasHit)
                    break;
            }
        }
    }

    [Fact]
    public async Task A_stop_while_it_is_tried_again_leaves_no_file_open()
    {
        var log = Open();
        await AppendAsync(log, Keys);
        _time.Advance(TimeSpan.FromHours(73));
        await log.TrimAsync(default);
        using var gate = _disk.HoldDeletes();
        var trim = log.TrimAsync(default).AsTask();
        await gate.Reached.WaitAsync(Patience);

        var stop = log.DisposeAsync().AsTask(); // nobody is woken any more
        gate.Open();
        await stop.WaitAsync(Patience);
        await trim.WaitAsync(Patience);

        Assert.Equal(0, _disk.OpenFiles);
    }

    [Fact]
    public async Task What_cannot_be_deleted_counts_for_the_bytes_of_the_log()
    {
        await using var log = Open(options: new LogOptions { SegmentBytes = SegmentBytes, RetentionBytes = 8 * SegmentBytes });
        for (var i = 0; !Segments().Contains(SegmentFile.NameOf(20)); i += 3)
        {
            await AppendAsync(log, 3, from: i);
            // With the ninth file it was found that the first cannot be deleted, and with the tenth another went for it.
            if (Segments().Contains(SegmentFile.NameOf(10)))
                Assert.InRange(Segments().Sum(name => _disk.Content(name).Length), 6 * SegmentBytes, 8 * SegmentBytes);
        }

        Assert.Contains(SegmentFile.NameOf(1), Segments());
    }

    [Fact]
    public async Task Where_no_file_can_be_deleted_the_log_keeps_half_of_what_it_may_hold_and_refuses_nothing()
    {
        _disk.DeniesDeletes = true;
        await using var log = Open(options: new LogOptions { SegmentBytes = SegmentBytes, RetentionBytes = 8 * SegmentBytes });
        for (var i = 0; i < 600; i += 3)
            await AppendAsync(log, 3, from: i);

        var files = Segments().Count;
        Assert.True(files > 20);
        var range = log.GetRange(_instance);
        Assert.InRange(range.LastSequence + 1 - range.FirstSequence, 600 * 3 / files, 600 * 9 / files);
        Assert.Equal(SegmentRemoval.MaxStuck, _disk.List().Count(name => name.EndsWith(GoneFiles.Suffix, StringComparison.Ordinal)));
    }

    private List<string> Segments() => [.. _disk.List().Where(name => SegmentFile.TryParseName(name, out _)).Order(StringComparer.Ordinal)];

    private string Written() => Segments()[^1];

    private SegmentLog Open(SimulatedDisk? disk = null, LogOptions? options = null) =>
        SegmentLog.Open(disk ?? _disk, options ?? new LogOptions { SegmentBytes = SegmentBytes }, new Nobody(), _time, _logger);

    /// <summary>Appends events three by three; returns the positions of those whose keys were known.</summary>
    private async Task<List<EventPosition>> AppendAsync(SegmentLog log, int count, int from = 0)
    {
        var known = new List<EventPosition>();
        for (var key = from; key < from + count; key += 3)
        {
            var result = await log.AppendAsync(_instance, [.. Enumerable.Range(key, 3).Select(n => Drafts.Of(_instance, EventType.Message, $"key {n}"))], default);
            known.AddRange(result.Duplicates.Select(index => result.Positions[index]));
        }

        return known;
    }
}
