using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Log;
using VZaps.Gateway.Log.Segments;
using VZaps.Gateway.Tests.Log.Faults;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

/// <summary>Idempotency keys count for 8 days, whatever becomes of their events, the process or the disk.</summary>
public sealed class KeyTests
{
    private const int Keys = 60;
    private readonly InstanceId _instance = InstanceId.New();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 23, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Ten_million_keys_take_at_most_20_bytes_each_at_any_number_of_them()
    {
        await Task.Yield();
        var (table, file) = (new KeyTable(), new SegmentFile(1, new SimulatedDisk().Create("1", 0)));
        table.Attach(file);
        var random = new Random(5);
        var worst = 0.0;
        for (var i = 1; i <= 10_000_000; i++)
        {
            table.Add((ulong)random.NextInt64(long.MinValue, long.MaxValue), file, (uint)i);
            if (i >= 1_000_000 && i % 500_000 == 0)
                worst = Math.Max(worst, (double)table.Bytes / i);
        }

        Assert.InRange(worst, 12, 20);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_key_outlives_its_event_and_restarts_and_is_free_after_8_days(bool allCollide)
    {
        KeyHash? hash = allCollide ? (_, _, _) => 7 : null;
        var disk = new SimulatedDisk();
        IReadOnlyList<EventPosition> first;
        await using (var log = Open(disk, hash))
        {
            first = await AppendAsync(log);
            _time.Advance(TimeSpan.FromHours(73));
            await log.TrimAsync(default);
            Assert.Equal(new LogRange(Keys + 1, Keys), log.GetRange(_instance));
            Assert.Equal(first, await AppendAsync(log));
        }

        for (var restart = 0; restart < 2; restart++)
        {
            await using var again = Open(disk, hash);
            Assert.Equal(first, await AppendAsync(again));
        }

        _time.Advance(KeyFiles.KeyAge - TimeSpan.FromHours(73));
        await using (var lastDay = Open(disk, hash))
            Assert.Equal(first, await AppendAsync(lastDay));

        _time.Advance(TimeSpan.FromSeconds(1));
        await using var later = Open(disk, hash);
        await later.TrimAsync(default);
        Assert.DoesNotContain(disk.List(), name => name.EndsWith(".keys", StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(Keys + 1, Keys).Select(sequence => (long)sequence), (await AppendAsync(later)).Select(position => position.Sequence));
    }

    [Fact]
    public async Task No_key_is_taken_for_another_one_whatever_bytes_they_are_and_though_all_hashes_collide()
    {
        await using var log = Open(new SimulatedDisk(), (_, _, _) => 7);
        var drafts = Enumerable.Range(0, 256).Select(n => Drafts.Of(_instance, EventType.Message) with { IdempotencyKey = new[] { (byte)n } }).ToList();
        foreach (var draft in drafts)
            Assert.Empty((await log.AppendAsync(_instance, [draft], default)).Duplicates);

        for (var n = 0; n < drafts.Count; n++)
            Assert.Equal(n + 1, (await log.AppendAsync(_instance, [drafts[n]], default)).Positions[0].Sequence);
    }

    [Fact]
    public async Task A_fault_or_a_power_cut_at_any_operation_of_a_trim_keeps_every_key()
    {
        var whole = new SimulatedDisk();
        IReadOnlyList<EventPosition> first;
        await using (var log = Open(whole))
            first = await AppendAsync(log);
        _time.Advance(TimeSpan.FromHours(73));
        var failAt = 1;
        for (; ; failAt++)
        {
            var disk = whole.Copy(failAt);
            try
            {
                await using var log = Open(disk);
                await log.TrimAsync(default);
            }
            catch (Exception fault) when (fault is IOException or EventLogUnavailableException)
            {
                // Started again.
            }

            await using (var after = Open(disk.CutPower(new Random(failAt))))
            {
                Assert.Equal(first, await AppendAsync(after));
                await after.TrimAsync(default);
                Assert.Equal(first, await AppendAsync(after));
            }

            if (!disk.FaultWasHit)
                break;
        }

        Assert.True(failAt > 20, $"only {failAt} operations were tried");
    }

    [Fact]
    public async Task Without_room_for_its_keys_a_file_goes_all_the_same()
    {
        var disk = new SimulatedDisk();
        await using var log = Open(disk);
        await AppendAsync(log);
        _time.Advance(TimeSpan.FromHours(73));

        // Room for what the marks need, and for no file of keys.
        disk.MostBytes = disk.Bytes + 4096 + 512;
        await log.TrimAsync(default);
        Assert.Equal(new LogRange(Keys + 1, Keys), log.GetRange(_instance));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_goes_all_the_same()
    {
        var disk = new SimulatedDisk();
        await using var log = Open(disk);
        await AppendAsync(log);
        _time.Advance(TimeSpan.FromHours(73));
        disk.IsUnreadable = true;
        await log.TrimAsync(default);
        Assert.Equal(new LogRange(Keys + 1, Keys), log.GetRange(_instance));
    }

    [Fact]
    public async Task A_damaged_file_of_keys_stops_no_start_and_its_sound_keys_count()
    {
        var disk = new SimulatedDisk();
        IReadOnlyList<EventPosition> first;
        await using (var log = Open(disk))
        {
            first = await AppendAsync(log);
            _time.Advance(TimeSpan.FromHours(73));
            await log.TrimAsync(default);
        }

        var name = disk.List().Where(name => name.EndsWith(".keys", StringComparison.Ordinal)).Min(StringComparer.Ordinal)!;
        for (var offset = FileHeader.Length; offset < disk.Content(name).Length; offset++)
        {
            var damaged = disk.Copy();
            damaged.Damage(name, offset);
            await using var again = Open(damaged);
            // Of its first three keys one at most is hit; one that is stored again comes behind all others.
            var stored = (await again.AppendAsync(_instance, [.. Enumerable.Range(0, 3).Select(n => Drafts.Of(_instance, EventType.Message, $"key {n}"))], default)).Positions;
            Assert.True(stored.Where((position, i) => position != first[i]).Count() <= 1, $"{name} at {offset}");
            Assert.All(stored.Where((position, i) => position != first[i]), position => Assert.True(position.Sequence > Keys));
        }
    }

    [Fact]
    public async Task Keys_count_though_every_file_of_events_was_given_up_and_their_files_keep_their_numbers()
    {
        var disk = new SimulatedDisk();
        IReadOnlyList<EventPosition> first;
        await using (var log = Open(disk))
        {
            first = await AppendAsync(log);
            _time.Advance(TimeSpan.FromHours(73));
            await log.TrimAsync(default);
        }

        foreach (var name in disk.List().Where(name => SegmentFile.TryParseName(name, out _)))
            disk.Delete(name);
        for (var restart = 0; restart < 3; restart++)
        {
            await using var again = Open(disk);
            Assert.Equal(first, await AppendAsync(again));
            for (var i = 0; i < Keys; i++)
                await again.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message)], default);
        }
    }

    [Fact]
    public async Task A_key_from_before_keys_were_masked_counts_also_when_its_event_has_gone_and_new_files_have_a_version_of_their_own()
    {
        var disk = new SimulatedDisk();
        IReadOnlyList<EventPosition> first;
        await using (var log = Open(disk))
            first = await AppendAsync(log);
        await Open(disk).DisposeAsync(); // closes the last file
        Assert.All(disk.List(), name => Assert.Equal(3, VersionOf(disk, name)));
        var old = disk.List().Aggregate(disk, ToVersion2);
        var name = SegmentFile.NameOf(1);
        Assert.Contains("key 0", System.Text.Encoding.UTF8.GetString(old.Content(name)), StringComparison.Ordinal);
        Assert.DoesNotContain("key 0", System.Text.Encoding.UTF8.GetString(disk.Content(name)), StringComparison.Ordinal);

        await using (var log = Open(old))
        {
            Assert.Equal(first, await AppendAsync(log));
            _time.Advance(TimeSpan.FromHours(73));
            await log.TrimAsync(default);
            Assert.Equal(Keys + 1, log.GetRange(_instance).FirstSequence);
            Assert.Equal(first, await AppendAsync(log));
            await log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message)], default);
        }

        await using var again = Open(old);
        Assert.Equal(first, await AppendAsync(again));
        Assert.All(old.List(), kept => Assert.Equal(3, VersionOf(old, kept)));
    }

    [Fact]
    public async Task A_newest_file_whose_header_is_lost_gets_the_seed_of_the_files_of_keys()
    {
        var disk = new SimulatedDisk();
        IReadOnlyList<EventPosition> first;
        EventPosition newest;
        await using (var log = Open(disk))
        {
            first = await AppendAsync(log);
            _time.Advance(TimeSpan.FromHours(73));
            await log.TrimAsync(default);
            newest = (await log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message, "the newest")], default)).Positions[0];
        }

        var name = Assert.Single(disk.List(), name => SegmentFile.TryParseName(name, out _));
        disk.Damage(name, 30); // of the seed
        await using var again = SegmentLog.Open(
            disk, new LogOptions { SegmentBytes = 12 * 1024, SkipCorruptFiles = true }, new Nobody(), _time, NullLogger.Instance);

        Assert.Equal(first, await AppendAsync(again));
        Assert.Equal(newest, (await again.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message, "the newest")], default)).Positions[0]);
    }

    [Fact]
    public async Task A_first_file_whose_header_is_lost_gets_the_seed_of_those_behind_it()
    {
        var disk = new SimulatedDisk();
        IReadOnlyList<EventPosition> first;
        await using (var log = Open(disk))
            first = await AppendAsync(log);
        disk.Damage(SegmentFile.NameOf(1), 30);

        await using var again = SegmentLog.Open(
            disk, new LogOptions { SegmentBytes = 12 * 1024, SkipCorruptFiles = true }, new Nobody(), _time, NullLogger.Instance);

        Assert.Equal(first, await AppendAsync(again));
        Assert.Single(disk.List().Where(name => SegmentFile.TryParseName(name, out _)).Select(name => SeedOf(disk, name)).Distinct());
    }

    [Fact]
    public void The_table_is_fitted_once_and_not_touched_again_when_the_loading_of_keys_is_disposed()
    {
        var table = new KeyTable();
        var loading = new KeyLoading(table) { Files = 1 };
        var file = new SegmentFile(1, new SimulatedDisk().Create("1", 0));
        loading.Add(file, [.. Enumerable.Range(1, 2 * KeyLoading.LeastKeys).Select(n => new KeyEntry((ulong)n * 0x9E37_79B9_7F4A_7C15, (uint)n))]);
        loading.Finish();
        table.Reserve(100 * KeyLoading.LeastKeys);
        var bytes = table.Bytes;

        loading.Dispose();

        Assert.Equal(bytes, table.Bytes);
    }

    [Fact]
    public async Task A_key_whose_record_was_damaged_never_answers_with_what_the_damage_says()
    {
        var disk = new SimulatedDisk();
        await using var log = Open(disk);
        var first = (await log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message, "a key")], default)).Positions[0];
        for (var offset = 32; offset < 48; offset++)
        {
            disk.Damage(SegmentFile.NameOf(1), FileHeader.Length + offset); // the sequence, the time
            var again = await log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message, "a key")], default);
            Assert.Equal(2, again.Positions[0].Sequence); // stored, as nobody can read the first one
            Assert.NotEqual(first, again.Positions[0]);
        }
    }

    [Fact]
    public async Task Damage_in_a_file_that_goes_costs_the_key_that_it_hit_and_no_other()
    {
        var disk = new SimulatedDisk();
        await using var log = Open(disk);
        var first = await AppendAsync(log);
        disk.Damage(SegmentFile.NameOf(1), FileHeader.Length + RecordFormat.HeaderLength + 5);
        _time.Advance(TimeSpan.FromHours(73));
        await log.TrimAsync(default);
        Assert.Equal(first.Skip(1), (await AppendAsync(log)).Skip(1));
    }

    [Fact]
    public async Task A_trim_without_room_at_any_operation_leaves_no_half_written_file_of_keys()
    {
        var whole = new SimulatedDisk();
        await using (var log = Open(whole))
            await AppendAsync(log);
        _time.Advance(TimeSpan.FromHours(73));
        for (var failAt = 1; ; failAt++)
        {
            var disk = whole.Copy(failAt, DiskFault.FullOnce);
            await using var log = Open(disk);
            await log.TrimAsync(default);
            Assert.DoesNotContain(disk.List(), name => name.EndsWith(".new", StringComparison.Ordinal));
            if (!disk.FaultWasHit)
                break;
        }
    }

    [Fact]
    public void A_shard_leaves_out_the_keys_of_files_that_have_gone_when_it_grows()
    {
        var table = new KeyTable();
        var disk = new SimulatedDisk();
        for (var number = 1; number <= 200; number++)
        {
            var file = new SegmentFile(number, disk.Create($"{number}", 0));
            table.Attach(file);
            for (var key = 1u; key <= 1_000; key++)
                table.Add(Hash(key, number), file, key);
            Assert.Equal([new KeyPlace(file, 8 * 500)], table.Find(Hash(500, number)));
            table.Forget(file);
            Assert.Empty(table.Find(Hash(500, number)));
        }

        Assert.InRange(table.Bytes, 1, 200 * 1_000);

        // All in the first shard.
        static ulong Hash(uint key, int number) => unchecked((uint)((key + ((uint)number * 1_000)) * 2_654_435_761));
    }

    private static int VersionOf(SimulatedDisk disk, string name) => HeaderOf(disk, name).Version;

    private static UInt128 SeedOf(SimulatedDisk disk, string name) => HeaderOf(disk, name).Seed;

    private static FileHeader HeaderOf(SimulatedDisk disk, string name) =>
        FileHeader.TryRead(disk.Content(name), out var header) ? header : throw new InvalidOperationException($"{name} has no header.");

    /// <summary>The file as a gateway wrote it that did not mask keys.</summary>
    private static SimulatedDisk ToVersion2(SimulatedDisk disk, string name)
    {
        Assert.True(SegmentFile.TryParseName(name, out var number));
        var (bytes, file) = (disk.Content(name), HeaderOf(disk, name));
        SegmentScan.Run(disk.Content(name), (uint)number, (header, offset) =>
        {
            if (header.KeyLength == 0)
                return;
            var record = bytes.AsSpan(offset, header.PaddedLength);
            var (envelope, key) = (record.Slice(RecordFormat.HeaderLength, header.EnvelopeLength).ToArray(), new byte[header.KeyLength]);
            KeyMask.Apply(file.Seed, record.Slice(RecordFormat.HeaderLength + header.EnvelopeLength, header.KeyLength), key);
            RecordFormat.Write(record, header with { IsKeyMasked = false }, RecordFormat.InstanceOf(RecordFormat.Instance(record)), envelope, key);
        });
        (file with { Version = 2 }).Write(bytes.AsSpan(0, FileHeader.Length));
        return disk.With(name, bytes);
    }

    private SegmentLog Open(SimulatedDisk disk, KeyHash? hash = null) =>
        SegmentLog.Open(disk, new LogOptions { SegmentBytes = 12 * 1024 }, new Nobody(), _time, NullLogger.Instance, hash);

    private async Task<IReadOnlyList<EventPosition>> AppendAsync(SegmentLog log)
    {
        var positions = new List<EventPosition>();
        for (var key = 0; key < Keys; key += 3)
            positions.AddRange((await log.AppendAsync(_instance, [.. Enumerable.Range(key, 3).Select(n => Drafts.Of(_instance, EventType.Message, $"key {n}"))], default)).Positions);
        return positions;
    }
}
