using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Log;
using VZaps.Gateway.Log.Segments;
using VZaps.Gateway.Tests.Log.Faults;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

/// <summary>A file on its way off the disk, step by step: what is asked meanwhile finds each key in a file that is open.</summary>
public sealed class RemovalStepTests : IDisposable
{
    private const int Batches = 40, KeysInBatch = 250;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly SimulatedDisk _disk = new();
    private readonly KeyTable _table = new();
    private readonly SemaphoreSlim _woken = new(0);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Whoever_needs_the_room_at_any_step_has_the_rest_done_and_no_key_is_left_in_a_closed_file(int stepsBefore)
    {
        var (file, keys) = await MakeFileAsync();
        Assert.True(keys.Count > 2 * SegmentRemoval.KeysInStep);
        using var kept = new KeyFiles(_disk, _table, _time, NullLogger.Instance);
        using var store = new SegmentStore(_disk, new SegmentIndex(new IndexBlocks(NullLogger.Instance), new DirectoryPages(NullLogger.Instance)), seed: 0, file.Number);
        var removal = new SegmentRemoval(store, kept, new Writability(NullLogger.Instance), NullLogger.Instance) { Wake = () => _woken.Release() };

        removal.Add(file);
        Assert.True(await _woken.WaitAsync(Patience)); // its keys are in a file of their own
        for (var step = 0; step < stepsBefore; step++)
        {
            Assert.True(removal.Step());
            AssertFound(keys);
        }

        removal.Finish();
        AssertFound(keys);
        Assert.False(file.TryAcquire());
        Assert.DoesNotContain(file.Name, _disk.List());
    }

    [Fact]
    public async Task Keys_are_found_while_their_file_is_deleted_and_after_it()
    {
        var (file, keys) = await MakeFileAsync();
        using var kept = new KeyFiles(_disk, _table, _time, NullLogger.Instance);
        using var store = new SegmentStore(_disk, new SegmentIndex(new IndexBlocks(NullLogger.Instance), new DirectoryPages(NullLogger.Instance)), seed: 0, file.Number);
        var removal = new SegmentRemoval(store, kept, new Writability(NullLogger.Instance), NullLogger.Instance) { Wake = () => _woken.Release() };
        using var gate = _disk.HoldDeletes();

        removal.Add(file);
        Assert.True(await _woken.WaitAsync(Patience));
        while (removal.Step())
            AssertFound(keys);
        await gate.Reached.WaitAsync(Patience);
        AssertFound(keys);
        Assert.DoesNotContain(keys.SelectMany(key => _table.Find(key.Hash)), place => place.File == file);

        gate.Open();
        Assert.True(await _woken.WaitAsync(Patience));
        Assert.False(removal.Step());
        Assert.False(file.TryAcquire());
        AssertFound(keys);
    }

    public void Dispose() => _woken.Dispose();

    /// <summary>A closed file of the log, with its keys in the table.</summary>
    private async Task<(SegmentFile File, List<KeyEntry> Keys)> MakeFileAsync()
    {
        var instance = InstanceId.New();
        await using (var log = Open())
        {
            for (var batch = 0; batch < Batches; batch++)
            {
                var drafts = Enumerable.Range(batch * KeysInBatch, KeysInBatch).Select(n => Drafts.Of(instance, EventType.Message, $"key {n}"));
                await log.AppendAsync(instance, [.. drafts], default);
            }
        }

        await Open().DisposeAsync(); // closes it
        var name = SegmentFile.NameOf(1);
        var file = new SegmentFile(1, _disk.Open(name));
        var footer = FooterReader.TryRead(file.Io, file.Generation)!;
        (file.OldestMs, file.NewestMs) = (footer.Trailer.OldestMs, footer.Trailer.NewestMs);
        var keys = footer.Keys.SelectMany(part => FooterFormat.Entries<KeyEntry>(part.Span).ToArray()).ToList();
        _table.Attach(file);
        keys.ForEach(key => _table.Add(key.Hash, file, key.OffsetUnits));
        return (file, keys);
    }

    private SegmentLog Open() => SegmentLog.Open(_disk, new LogOptions { SegmentBytes = 8 << 20 }, new Nobody(), _time, NullLogger.Instance);

    private void AssertFound(List<KeyEntry> keys)
    {
        var record = new byte[RecordFormat.HeaderLength];
        foreach (var key in keys)
        {
            var place = Assert.Single(_table.Find(key.Hash));
            Assert.Equal(record.Length, place.File.Io.Read(record, place.Offset)); // a closed one throws
            Assert.True(RecordFormat.TryReadHeader(record, place.File.Generation, out var header));
            Assert.Equal(key.Hash, header.KeyHash);
        }
    }
}
