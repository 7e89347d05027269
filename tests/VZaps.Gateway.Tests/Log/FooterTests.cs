using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Log;
using VZaps.Gateway.Log.Segments;
using VZaps.Gateway.Tests.Log.Faults;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

/// <summary>Closed files and their footers: what a start reads, and what becomes of a footer that is damaged.</summary>
public sealed class FooterTests
{
    private const int Events = 120;
    private const long SegmentBytes = 16 * 1024;
    private static readonly LogPageLimits Page = new(MaxEvents: 10_000, MaxBytes: 64 << 20);
    private readonly InstanceId _instance = InstanceId.New();
    private readonly SimulatedDisk _disk = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 23, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_start_reads_footers_and_the_last_file_and_no_other_records()
    {
        await FillAsync(5 * Events, data: $$"""{"x":"{{new string('x', 2_000)}}"}""");
        var files = _disk.List().Count;
        Assert.True(files > 20, $"{files} files");

        var before = _disk.BytesRead;
        await using var log = Open();

        Assert.InRange(_disk.BytesRead - before, 1, SegmentBytes + (files * (FileHeader.Length + 2_048)));
        Assert.Equal(new LogRange(1, 5 * Events), log.GetRange(_instance));
    }

    [Fact]
    public async Task A_second_start_scans_no_file_at_all()
    {
        await FillAsync();
        await Open().DisposeAsync();

        var operations = _disk.Operations;
        await Open().DisposeAsync();

        Assert.Equal(operations, _disk.Operations);
    }

    [Fact]
    public async Task The_index_of_closed_files_is_not_in_memory_and_answers_as_before()
    {
        await FillAsync();
        await using var log = Open();
        Assert.Equal(Events, (await ReadAllAsync(log)).Count);
        await AssertIndexAsync(log);

        // All events are of one type: what is in memory of each block is enough.
        _disk.IsUnreadable = true;
        Assert.Equal(Events - 50, log.Count(_instance, EventTypeSet.Of(EventType.Message), 50));
        Assert.Equal(0, log.Count(_instance, EventTypeSet.Of(EventType.Presence), 0));
    }

    [Fact]
    public async Task A_footer_damaged_at_any_byte_is_no_loss()
    {
        await FillAsync();
        await Open().DisposeAsync();
        var names = _disk.List().Order(StringComparer.Ordinal).ToList();
        foreach (var name in new[] { names[0], names[^1] })
        {
            var (start, end) = FooterOf(name);
            Assert.True(end - start > 300);
            for (var offset = start; offset < end; offset++)
            {
                var disk = _disk.Copy();
                disk.Damage(name, offset);
                await AssertWholeAsync(disk, $"{name} at {offset}");
            }
        }
    }

    [Fact]
    public async Task A_last_file_that_ends_in_the_middle_of_its_footer_is_no_loss()
    {
        await FillAsync();
        await Open().DisposeAsync();
        var name = _disk.List().Order(StringComparer.Ordinal).Last();
        var (start, end) = FooterOf(name);
        for (var cut = start; cut < end; cut++)
        {
            await AssertWholeAsync(_disk.Torn(name, cut), $"zeros from {cut} on");
            await AssertWholeAsync(_disk.Cut(name, cut), $"cut at {cut}");
        }
    }

    [Fact]
    public async Task Files_that_were_closed_without_a_footer_are_read_whole_and_only_the_last_one_is_written()
    {
        await FillAsync();
        await Open().DisposeAsync();
        var names = _disk.List().Order(StringComparer.Ordinal).ToList();
        var bare = names.Aggregate(_disk, (disk, name) => disk.Cut(name, FooterOf(name).Start));

        await Open(bare).DisposeAsync();

        Assert.Equal(_disk.Content(names[^1]), bare.Content(names[^1]));
        Assert.All(names[..^1], name => Assert.Equal(FooterOf(name).Start, bare.Content(name).Length));
        await AssertWholeAsync(bare, "without footers");
    }

    [Fact]
    public async Task A_record_that_the_disk_has_changed_is_not_shown_to_anybody_and_all_others_are()
    {
        var logger = new RecordingLogger();
        await FillAsync();
        await using var log = SegmentLog.Open(_disk, new LogOptions { SegmentBytes = SegmentBytes }, new Nobody(), _time, logger);
        var scanned = new List<int>();
        SegmentScan.Run(_disk.Content(SegmentFile.NameOf(1)), 1, (_, offset) => scanned.Add(offset));
        _disk.Damage(SegmentFile.NameOf(1), scanned[9] + RecordFormat.HeaderLength + 10);

        // A page ends before it, and whoever goes on from there is told, each time.
        var before = await log.ReadAsync(_instance, 0, EventTypeSet.All, Page, default);
        Assert.Equal((9, 9L, false), (before.Envelopes.Count, before.ReadThrough, before.ReachedEnd));
        for (var i = 0; i < 3; i++)
        {
            var failure = await Assert.ThrowsAsync<EventLogDamagedException>(async () => await log.ReadAsync(_instance, 9, EventTypeSet.All, Page, default));
            Assert.Equal((SegmentFile.NameOf(1), (long)scanned[9]), (failure.File, failure.Offset));
            Assert.Contains($"{SegmentFile.NameOf(1)} at byte {scanned[9]}", failure.Message, StringComparison.Ordinal);
        }

        Assert.Equal(Events - 10, (await log.ReadAsync(_instance, 10, EventTypeSet.All, Page, default)).Envelopes.Count);
        Assert.Equal(3, log.DamagedReads);
        Assert.Contains($"{SegmentFile.NameOf(1)} at byte {scanned[9]}", Assert.Single(logger.Lines, line => line.EventId == 2008).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RecordKind.IndexBlock)]
    [InlineData(RecordKind.Directory)]
    internal async Task A_page_ends_before_a_part_of_the_index_that_is_damaged_and_who_goes_on_is_told(RecordKind part)
    {
        await FillAsync(5 * Events);
        await Open().DisposeAsync();
        await using var log = Open();
        var number = NotLookedAtFromTheStart(_disk.List().Count);
        var name = SegmentFile.NameOf(number);
        var (start, end) = FooterOf(name);
        var bytes = _disk.Content(name);
        var at = (int)start;
        for (; RecordFormat.TryRead(bytes.AsSpan(at), (uint)number, out var header) && header.Kind != part; at += header.PaddedLength)
            Assert.True(at < end);
        RecordFormat.TryReadHeader(bytes.AsSpan(FileHeader.Length), (uint)number, out var first);
        _disk.Damage(name, at + 4);
        _disk.Damage(name, FileHeader.Length + RecordFormat.HeaderLength + 5); // and what it could be made again from

        var before = await log.ReadAsync(_instance, 0, EventTypeSet.All, Page, default);
        Assert.Equal(
            (first.Sequence - 1, (int)first.Sequence - 1, false), (before.ReadThrough, before.Envelopes.Count, before.ReachedEnd));
        var failure = await Assert.ThrowsAsync<EventLogDamagedException>(
            async () => await log.ReadAsync(_instance, before.ReadThrough, EventTypeSet.All, Page, default));
        Assert.Equal(name, failure.File);
    }

    [Fact]
    public async Task A_check_finds_all_sound_though_an_instance_was_trimmed_to_its_bytes()
    {
        await using (var log = SegmentLog.Open(_disk, new LogOptions { SegmentBytes = 1 << 20, InstanceRetentionBytes = 10_000 }, new Nobody(), _time, NullLogger.Instance))
        {
            for (var i = 0; i < 3 * IndexChunk.MaxEntries; i++)
                await log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message)], default);
            Assert.True(log.GetRange(_instance).FirstSequence > IndexChunk.MaxEntries);
        }

        await Open().DisposeAsync();
        Assert.All(LogVerification.Run(_disk), verdict => Assert.Empty(verdict.Damage));
    }

    [Fact]
    public async Task A_footer_keeps_the_newest_append_time_from_a_clock_that_is_put_back()
    {
        await FillAsync();
        await Open().DisposeAsync();
        _time.AdjustTime(_time.GetUtcNow() - TimeSpan.FromHours(1));

        await using var log = Open();
        var position = (await log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message)], default)).Positions[0];

        Assert.True((await ReadAllAsync(log))[Events - 1].IsBefore(position));
    }

    [Fact]
    public async Task A_mark_in_a_footer_keeps_sequences_from_being_given_out_twice()
    {
        await FillAsync();
        await using (var log = Open())
        {
            _time.Advance(TimeSpan.FromHours(73));
            await log.TrimAsync(default);
        }

        for (var restart = 0; restart < 3; restart++)
        {
            await using var again = Open();
            Assert.Equal(new LogRange(Events + 1, Events), again.GetRange(_instance));
        }
    }

    private async Task AssertWholeAsync(SimulatedDisk disk, string what)
    {
        await using var log = Open(disk);
        Assert.True((await ReadAllAsync(log)).Select(position => position.Sequence).SequenceEqual(Enumerable.Range(1, Events).Select(i => (long)i)), what);
        await AssertIndexAsync(log);
        var again = await log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message, "key 3")], default);
        Assert.Equal(4, again.Positions[0].Sequence);
        Assert.Equal(Events + 1, (await log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message)], default)).Positions[0].Sequence);
    }

    private async Task AssertIndexAsync(SegmentLog log)
    {
        var all = await ReadAllAsync(log);
        Assert.Equal(7, log.Count(_instance, EventTypeSet.Of(EventType.Message), Events - 7));
        Assert.Equal(all[40], log.FindNext(_instance, EventTypeSet.Of(EventType.Message), 40));
        Assert.Null(log.FindNext(_instance, EventTypeSet.Of(EventType.Presence), 0));
        Assert.Equal(40, log.FindSequenceBefore(_instance, all[40].AppendedAt));
    }

    private async Task FillAsync(int events = Events, string data = "{}")
    {
        await using var log = Open();
        for (var i = 0; i < events; i++)
        {
            await log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message, $"key {i}", data)], default);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>The number of a file that a read from the start, which looks for its place by halves, does not look at before it comes to it.</summary>
    private static int NotLookedAtFromTheStart(int files)
    {
        var lookedAt = new HashSet<int>();
        for (var high = files; high > 0; high /= 2)
            lookedAt.Add(high / 2);
        return Enumerable.Range(2, files - 2).First(index => !lookedAt.Contains(index)) + 1;
    }

    private (long Start, long End) FooterOf(string name)
    {
        using var file = _disk.Open(name);
        Assert.True(SegmentFile.TryParseName(name, out var number));
        var footer = FooterReader.TryRead(file, (uint)number);
        return (footer!.Trailer.RecordsEnd, file.Length);
    }

    private SegmentLog Open(SimulatedDisk? disk = null) =>
        SegmentLog.Open(disk ?? _disk, new LogOptions { SegmentBytes = SegmentBytes }, new Nobody(), _time, NullLogger.Instance);

    private async Task<List<EventPosition>> ReadAllAsync(SegmentLog log) =>
        [.. (await log.ReadAsync(_instance, 0, EventTypeSet.All, Page, default)).Envelopes.Select(envelope => envelope.Position)];
}
