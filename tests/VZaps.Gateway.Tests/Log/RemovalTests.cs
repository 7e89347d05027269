using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Log;
using VZaps.Gateway.Log.Segments;
using VZaps.Gateway.Tests.Log.Faults;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

/// <summary>Files that retention takes off the disk while the log is written: their keys are kept on another thread.</summary>
public sealed class RemovalTests
{
    private const int Batches = 40, KeysInBatch = 250, DataBytes = 150;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly InstanceId _instance = InstanceId.New();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 23, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task No_publisher_waits_for_the_keys_of_a_file_that_goes_and_it_goes_after_they_are_durable()
    {
        var disk = new SimulatedDisk();
        await using var log = Open(disk);
        var first = await FillAsync(log);
        using var gate = disk.HoldCreates(".keys.new"); // before the time passes: the log trims by itself
        _time.Advance(TimeSpan.FromHours(73));
        var trim = log.TrimAsync(default).AsTask();
        await gate.Reached.WaitAsync(Patience);

        // Its events have gone, its keys count, and it is still there.
        Assert.True(log.GetRange(_instance).FirstSequence > 1);
        Assert.Equal(first.Take(KeysInBatch), (await AppendAsync(log, 0).WaitAsync(Patience)).Positions);
        Assert.Empty((await AppendAsync(log, Batches).WaitAsync(Patience)).Duplicates);
        Assert.Contains(SegmentFile.NameOf(1), disk.List());
        Assert.False(trim.IsCompleted);

        gate.Open();
        await trim.WaitAsync(Patience);
        Assert.Equal(first.Count + 1, log.GetRange(_instance).FirstSequence);
        Assert.DoesNotContain(SegmentFile.NameOf(1), disk.List());
        for (var batch = 0; batch < Batches; batch++)
            Assert.Equal(first.Skip(batch * KeysInBatch).Take(KeysInBatch), (await AppendAsync(log, batch)).Positions);
    }

    [Theory]
    [InlineData(DiskFault.Failure)]
    [InlineData(DiskFault.PowerCut)]
    internal async Task A_fault_at_any_operation_keeps_every_key_that_was_answered(DiskFault fault)
    {
        var whole = new SimulatedDisk();
        List<EventPosition> first;
        await using (var log = Open(whole))
            first = await FillAsync(log);
        await Open(whole).DisposeAsync();
        _time.Advance(TimeSpan.FromHours(73));
        var failAt = 1;
        for (; ; failAt++)
        {
            var disk = whole.Copy(failAt, fault);
            try
            {
                await using var log = Open(disk);
                await log.TrimAsync(default);
                await AppendAsync(log, 0);
            }
            catch (Exception refused) when (refused is IOException or EventLogUnavailableException or EventLogFullException)
            {
                // Started again.
            }

            Assert.Equal(0, disk.OpenFiles);
            await using var after = Open(disk.CutPower(new Random(failAt)));
            for (var trims = 0; trims < 2; trims++)
            {
                Assert.Equal(first, await FillAsync(after));
                await after.TrimAsync(default);
            }

            if (!disk.FaultWasHit)
                break;
        }

        FaultPoints.Tell($"removal on another thread, {fault}", failAt - 1);
        Assert.True(failAt > 20, $"only {failAt} operations were tried");
    }

    private SegmentLog Open(SimulatedDisk disk) =>
        SegmentLog.Open(disk, new LogOptions { SegmentBytes = 2 << 20 }, new Nobody(), _time, NullLogger.Instance);

    private async Task<List<EventPosition>> FillAsync(SegmentLog log)
    {
        var positions = new List<EventPosition>();
        for (var batch = 0; batch < Batches; batch++)
            positions.AddRange((await AppendAsync(log, batch)).Positions);
        return positions;
    }

    private Task<AppendResult> AppendAsync(SegmentLog log, int batch) => log.AppendAsync(
        _instance,
        [.. Enumerable.Range(batch * KeysInBatch, KeysInBatch).Select(n => Drafts.Of(_instance, EventType.Message, $"key {n}", $$"""{"x":"{{new string('x', DataBytes)}}"}"""))],
        default).AsTask();
}
