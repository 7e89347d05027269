using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Log;
using VZaps.Gateway.Log.Segments;
using VZaps.Gateway.Tests.Log.Faults;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

/// <summary>Directories of closed files that have many instances: found page by page, damaged, and of the form from before they had pages.</summary>
public sealed class DirectoryTests
{
    private const int Instances = 230, Rounds = 12;
    private static readonly LogPageLimits Page = new(MaxEvents: 10_000, MaxBytes: 64 << 20);
    private readonly InstanceId[] _instances = [.. Enumerable.Range(0, Instances).Select(_ => InstanceId.New())];
    private readonly SimulatedDisk _disk = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly Dictionary<InstanceId, List<(EventPosition Position, EventType Type)>> _answered = [];

    [Fact]
    public async Task Each_of_many_instances_is_found_whole_while_the_log_is_written_and_after_a_start()
    {
        await using (var log = Open(_disk))
        {
            await FillAsync(log);
            Assert.True(_disk.List().Count > 6, $"{_disk.List().Count} files");
            await AssertAllAsync(log);
        }

        await using var again = Open(_disk);
        await AssertAllAsync(again);
    }

    [Fact]
    public async Task A_directory_damaged_while_it_is_used_is_made_again_from_the_records()
    {
        await using (var log = Open(_disk))
            await FillAsync(log);
        await Open(_disk).DisposeAsync();
        foreach (var name in _disk.List().Order(StringComparer.Ordinal).Take(2))
        {
            var pages = PagesOf(name);
            Assert.True(pages.Count > 2, $"{pages.Count} pages");
            foreach (var offset in pages.SelectMany(page => new[] { page + 4, page + RecordFormat.HeaderLength + 50 }))
            {
                var logger = new RecordingLogger();
                var disk = _disk.Copy();
                await using var log = SegmentLog.Open(disk, new LogOptions { SegmentBytes = SegmentBytes }, new Nobody(), _time, logger);
                disk.Damage(name, offset);
                await AssertAllAsync(log);
                Assert.Single(logger.Lines, line => line.EventId == 2007 && line.Message.Contains(name, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public async Task A_directory_from_before_it_was_sorted_is_taken_as_it_is()
    {
        await using (var log = Open(_disk))
            await FillAsync(log);
        await Open(_disk).DisposeAsync();
        var old = _disk.List().Aggregate(_disk, ToOldForm);

        await using var again = Open(old);

        await AssertAllAsync(again);
    }

    [Fact]
    public async Task What_a_closed_file_takes_in_memory_is_a_bit_an_instance_and_a_line_a_page()
    {
        await using (var log = Open(_disk))
            await FillAsync(log);
        await Open(_disk).DisposeAsync();
        var index = new SegmentIndex(new IndexBlocks(NullLogger.Instance), new DirectoryPages(NullLogger.Instance));
        using var loading = new KeyLoading(new KeyTable());
        new SegmentRecovery(_disk, index, loading, skipDamage: false, NullLogger.Instance).Run();
        Assert.All(index.Closed.All, file =>
        {
            Assert.True(file.Directory!.EntryCount >= Instances);
            Assert.InRange(file.Directory.Bytes, 1, (Instances / 8) + 8 + (((file.Directory.EntryCount / 51) + 1) * 40));
        });
    }

    [Fact]
    public async Task Retention_takes_the_events_of_each_instance_with_their_file()
    {
        await using (var log = Open(_disk))
            await FillAsync(log);
        await using var again = Open(_disk);
        _time.Advance(TimeSpan.FromHours(73));
        await again.TrimAsync(default);
        Assert.All(_instances, instance =>
        {
            Assert.Equal(new LogRange(_answered[instance].Count + 1, _answered[instance].Count), again.GetRange(instance));
            Assert.Null(again.FindNext(instance, EventTypeSet.All, 0));
        });
        await again.AppendAsync(_instances[0], [Drafts.Of(_instances[0], EventType.Message)], default);
        Assert.Equal(_answered[_instances[0]].Count + 1, again.GetRange(_instances[0]).LastSequence);
    }

    [Fact]
    public async Task A_damaged_directory_of_a_file_that_goes_is_made_again_and_no_publisher_waits_for_it()
    {
        await using (var log = Open(_disk))
            await FillAsync(log);
        await Open(_disk).DisposeAsync();
        var logger = new RecordingLogger();
        await using var again = Open(_disk, logger: logger);
        _disk.Damage(SegmentFile.NameOf(1), PagesOf(SegmentFile.NameOf(1))[1] + 4);
        using var gate = _disk.HoldReads((int)SegmentBytes / 2); // before the time passes: the log trims by itself
        _time.Advance(TimeSpan.FromHours(73));
        var trim = again.TrimAsync(default).AsTask();
        await gate.Reached.WaitAsync(Patience);

        await again.AppendAsync(_instances[0], [Drafts.Of(_instances[0], EventType.Message)], default).AsTask().WaitAsync(Patience);
        Assert.Equal(1, again.GetRange(_instances[0]).FirstSequence);
        Assert.False(trim.IsCompleted);

        gate.Open();
        await trim.WaitAsync(Patience);
        Assert.All(_instances, instance => Assert.Equal(_answered[instance].Count + 1, again.GetRange(instance).FirstSequence));
        Assert.Equal([SegmentFile.NameOf(1)], logger.Lines.Where(line => line.EventId == 2007).Select(line => line.Message.Split(' ')[3]));
    }

    [Fact]
    public async Task A_stop_waits_for_a_directory_that_is_made_again()
    {
        await using (var log = Open(_disk))
            await FillAsync(log);
        await Open(_disk).DisposeAsync();
        var logger = new RecordingLogger();
        var again = Open(_disk, logger: logger);
        _disk.Damage(SegmentFile.NameOf(1), PagesOf(SegmentFile.NameOf(1))[1] + 4);
        var gate = _disk.HoldReads((int)SegmentBytes / 2);
        _time.Advance(TimeSpan.FromHours(73));
        await gate.Reached.WaitAsync(Patience);

        var stop = again.DisposeAsync().AsTask();
        Assert.False(stop.IsCompleted);
        gate.Dispose();
        await stop.WaitAsync(Patience);
        Assert.Contains(logger.Lines, line => line.EventId == 2007);
        Assert.Equal(0, _disk.OpenFiles);
    }

    [Fact]
    public async Task A_file_goes_though_neither_its_directory_nor_its_records_are_sound_and_what_it_held_goes_with_it()
    {
        await using (var log = Open(_disk))
            await FillAsync(log);
        await Open(_disk).DisposeAsync();
        var name = SegmentFile.NameOf(1);
        var (goes, newestMs) = InFile(name);
        await using var again = Open(_disk, new LogOptions { SegmentBytes = SegmentBytes, InstanceRetentionBytes = InstanceBytes });
        await using var sound = Open(_disk.Copy(), new LogOptions { SegmentBytes = SegmentBytes, InstanceRetentionBytes = InstanceBytes });
        _disk.Damage(name, PagesOf(name)[1] + 4);
        _disk.Damage(name, FileHeader.Length + RecordFormat.HeaderLength + 5);

        _time.Advance(DateTimeOffset.FromUnixTimeMilliseconds(newestMs) + TimeSpan.FromHours(72) + TimeSpan.FromMilliseconds(1) - _time.GetUtcNow());
        await again.TrimAsync(default);
        await sound.TrimAsync(default);

        Assert.DoesNotContain(name, _disk.List());
        Assert.Contains(SegmentFile.NameOf(2), _disk.List());
        Assert.All(_instances, instance => Assert.Equal(goes.GetValueOrDefault(instance) + 1, again.GetRange(instance).FirstSequence));

        // Nor do its events count for the bytes of an instance.
        foreach (var instance in _instances.Take(20))
        {
            for (var i = 0; i < 120; i++)
            {
                await again.AppendAsync(instance, [Drafts.Of(instance, EventType.Message)], default);
                await sound.AppendAsync(instance, [Drafts.Of(instance, EventType.Message)], default);
            }

            var first = sound.GetRange(instance).FirstSequence;
            Assert.True(first > goes.GetValueOrDefault(instance) + 1, "not trimmed");
            Assert.InRange(again.GetRange(instance).FirstSequence, first - 1, first + 1); // types differ in length
        }
    }

    [Fact]
    public async Task A_directory_that_cannot_be_made_again_is_not_tried_with_each_read()
    {
        await using (var log = Open(_disk))
            await FillAsync(log);
        await Open(_disk).DisposeAsync();
        var name = SegmentFile.NameOf(1);
        await using var again = Open(_disk);
        _disk.Damage(name, PagesOf(name)[0] + 4);
        _disk.Damage(name, FileHeader.Length + RecordFormat.HeaderLength + 5);
        var instance = _instances.MinBy(InstanceKey.Of); // of the first page
        async Task<string> ReadAsync() =>
            (await Assert.ThrowsAsync<EventLogDamagedException>(async () => await again.ReadAsync(instance, 0, EventTypeSet.All, Page, default))).Message;

        var told = await ReadAsync();
        var before = _disk.BytesRead;
        Assert.Equal(told, await ReadAsync());
        Assert.InRange(_disk.BytesRead - before, 0, SegmentBytes / 4);
    }

    private const long SegmentBytes = 256 * 1024, InstanceBytes = 16_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The last sequence of each instance in a file, and its newest time.</summary>
    private (Dictionary<InstanceId, long> Last, long NewestMs) InFile(string name)
    {
        Assert.True(SegmentFile.TryParseName(name, out var number));
        var (bytes, last, newestMs) = (_disk.Content(name), new Dictionary<InstanceId, long>(), 0L);
        SegmentScan.Run(bytes, (uint)number, (header, offset) =>
        {
            last[RecordFormat.InstanceOf(RecordFormat.Instance(bytes.AsSpan(offset)))] = header.Sequence;
            newestMs = header.TimeMs;
        });
        return (last, newestMs);
    }

    private SegmentLog Open(SimulatedDisk disk, LogOptions? options = null, RecordingLogger? logger = null) =>
        SegmentLog.Open(disk, options ?? new LogOptions { SegmentBytes = SegmentBytes }, new Nobody(), _time, logger ?? (ILogger)NullLogger.Instance);

    private async Task FillAsync(SegmentLog log)
    {
        var random = new Random(7);
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var instance in _instances)
            {
                var drafts = Enumerable.Range(0, random.Next(1, 6)).Select(_ => Drafts.Of(instance, EventType.Known[random.Next(3)])).ToList();
                var positions = (await log.AppendAsync(instance, drafts, default)).Positions;
                if (!_answered.TryGetValue(instance, out var answered))
                    _answered[instance] = answered = [];
                answered.AddRange(positions.Zip(drafts, (position, draft) => (position, draft.Type)));
            }

            _time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    private async Task AssertAllAsync(SegmentLog log)
    {
        var random = new Random(11);
        foreach (var (instance, events) in _answered)
        {
            var after = random.Next(events.Count);
            var read = (await log.ReadAsync(instance, after, EventTypeSet.All, Page, default)).Envelopes.Select(envelope => envelope.Position);
            Assert.Equal(events.Skip(after).Select(one => one.Position), read);
            var type = EventTypeSet.Of(EventType.Known[random.Next(3)]);
            var wanted = events.Skip(after).Where(one => type.Contains(one.Type)).ToList();
            Assert.Equal(wanted.Count, log.Count(instance, type, after));
            Assert.Equal(wanted.Count == 0 ? null : wanted[0].Position, log.FindNext(instance, type, after));
            var time = events[after].Position.AppendedAt;
            Assert.Equal(events.Count(one => one.Position.AppendedAt < time), log.FindSequenceBefore(instance, time));
        }
    }

    private List<int> PagesOf(string name)
    {
        Assert.True(SegmentFile.TryParseName(name, out var number));
        var (bytes, pages) = (_disk.Content(name), new List<int>());
        for (var at = FileHeader.Length; at < bytes.Length;)
        {
            Assert.True(RecordFormat.TryRead(bytes.AsSpan(at), (uint)number, out var header));
            if (header.Kind == RecordKind.Directory)
                pages.Add(at);
            at += header.PaddedLength;
        }

        return pages;
    }

    /// <summary>The file with all entries of its directory in one record, and in another order.</summary>
    private static SimulatedDisk ToOldForm(SimulatedDisk disk, string name)
    {
        Assert.True(SegmentFile.TryParseName(name, out var number));
        using var file = disk.Open(name);
        var footer = FooterReader.TryRead(file, (uint)number)!;
        var entries = footer.Entries().Reverse().ToList();
        // Of one instance they were in the order of their sequences, as its blocks were written one after the other.
        entries = [.. entries.GroupBy(entry => entry.Instance).SelectMany(group => group.OrderBy(entry => entry.FirstSequence))];
        var body = new byte[entries.Count * FooterFormat.DirectoryEntryLength];
        for (var i = 0; i < entries.Count; i++)
            entries[i].Write(body.AsSpan(i * FooterFormat.DirectoryEntryLength));
        var trailer = new byte[FooterFormat.TrailerLength - RecordFormat.HeaderLength];
        (footer.Trailer with { TablesStart = footer.Trailer.TablesStart }).Write(trailer);
        var end = disk.Content(name)[..(int)footer.Trailer.TablesStart].ToList();
        foreach (var (kind, content) in new[] { (RecordKind.Directory, body), (RecordKind.Trailer, trailer) })
        {
            var header = new RecordHeader(
                RecordFormat.HeaderLength + content.Length, kind, false, 0, (uint)(footer.Trailer.RecordsEnd / 8), (uint)number, footer.Trailer.LastGroup, 0, 0, 0, content.Length, 0);
            var record = new byte[header.PaddedLength];
            RecordFormat.Write(record, header, default, content, []);
            end.AddRange(record);
        }

        return disk.With(name, [.. end]);
    }
}
