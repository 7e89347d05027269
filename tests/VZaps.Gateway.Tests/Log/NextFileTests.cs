using Microsoft.Extensions.Logging.Abstractions;
using VZaps.Gateway.Log;
using VZaps.Gateway.Log.Segments;
using VZaps.Gateway.Tests.Fixtures;
using VZaps.Gateway.Tests.Log.Faults;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

/// <summary>The next file, made while the one before it is written.</summary>
public sealed class NextFileTests
{
    private const int BatchBytes = 150_000;
    private static readonly LogPageLimits Page = new(MaxEvents: 10_000, MaxBytes: 1 << 30);
    private readonly InstanceId _instance = InstanceId.New();

    [Fact]
    public async Task A_file_that_is_half_full_has_the_next_one_made_before_anybody_waits_for_it()
    {
        var disk = new SimulatedDisk();
        await using var log = Open(disk);
        for (var i = 0; i < 5; i++)
            await AppendAsync(log);
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(disk.List().Contains(SegmentFile.NameOf(2) + ".prepared"))));

        for (var i = 0; i < 3; i++)
            await AppendAsync(log);
        Assert.Contains(SegmentFile.NameOf(2), disk.List());
        Assert.Equal(8, await CountAsync(log));
    }

    [Fact]
    public async Task A_start_lets_a_prepared_file_go_and_a_stop_leaves_none()
    {
        var disk = new SimulatedDisk();
        SimulatedDisk killed;
        await using (var log = Open(disk))
        {
            for (var i = 0; i < 5; i++)
                await AppendAsync(log);
            Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(disk.List().Count == 2)));
            killed = disk.Copy();
        }

        Assert.Equal([SegmentFile.NameOf(1)], disk.List());
        await using var again = Open(killed);
        Assert.Equal([SegmentFile.NameOf(1)], killed.List());
        Assert.Equal(5, await CountAsync(again));
    }

    [Theory]
    [InlineData(DiskFault.Failure)]
    [InlineData(DiskFault.FullOnce)]
    [InlineData(DiskFault.Full)]
    internal async Task A_fault_at_any_operation_keeps_what_was_answered(DiskFault fault)
    {
        for (var failAt = 1; ; failAt++)
        {
            var disk = new SimulatedDisk { FailAt = failAt, Fault = fault };
            var answered = 0;
            await using (var log = Open(disk))
            {
                for (var i = 0; i < 16; i++)
                {
                    try
                    {
                        await AppendAsync(log);
                        answered++;
                    }
                    catch (Exception refused) when (refused is EventLogUnavailableException or EventLogFullException)
                    {
                        // Nothing is promised.
                    }
                }

                disk.HasRoomAgain = true;
            }

            await using var again = Open(disk.CutPower(new Random(failAt)));
            Assert.InRange(await CountAsync(again), answered, answered + 1);
            await AppendAsync(again);
            if (!disk.FaultWasHit)
                break;
        }
    }

    private static SegmentLog Open(SimulatedDisk disk) =>
        SegmentLog.Open(disk, new LogOptions { SegmentBytes = NextFile.LeastBytes }, new Nobody(), TimeProvider.System, NullLogger.Instance);

    private async Task AppendAsync(SegmentLog log) =>
        await log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message, data: $$"""{"x":"{{new string('x', BatchBytes)}}"}""")], default);

    private async Task<int> CountAsync(SegmentLog log) => (await log.ReadAsync(_instance, 0, EventTypeSet.All, Page, default)).Envelopes.Count;
}
