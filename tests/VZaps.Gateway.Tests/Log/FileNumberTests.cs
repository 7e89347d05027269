using Microsoft.Extensions.Logging.Abstractions;
using VZaps.Gateway.Log;
using VZaps.Gateway.Log.Segments;
using VZaps.Gateway.Tests.Log.Faults;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

/// <summary>Which files of the folder are the log's.</summary>
public sealed class FileNumberTests
{
    private readonly InstanceId _instance = InstanceId.New();

    [Theory]
    [InlineData("000000000007.segment", 7)]
    [InlineData("000000000007.segment.prepared", 7)]
    [InlineData("000000000007.segment.sound", 7)]
    [InlineData("000000000007.segment.damaged", 7)]
    [InlineData("000000000007.segment.damaged.2", 7)]
    [InlineData("000000000007.segment.gone", 7)]
    [InlineData("000000000007.keys", 7)]
    [InlineData("000000000007.keys.new", 7)]
    [InlineData("000000000007.segment.damaged.old", 0)]
    [InlineData("000000000007.segment.damaged2", 0)]
    [InlineData("000000000007.segment.bak", 0)]
    [InlineData("000000000007.tar.gz", 0)]
    [InlineData("7.segment", 0)]
    [InlineData("7.keys", 0)]
    [InlineData("20260623.log", 0)]
    [InlineData("000000000007", 0)]
    [InlineData(".segment", 0)]
    public void A_number_is_that_of_a_name_that_the_log_gives_to_its_files(string name, long number) =>
        Assert.Equal(number, FileNumbers.NumberIn(name));

    [Fact]
    public async Task Other_files_in_the_folder_change_no_number_and_are_left_alone()
    {
        var disk = new SimulatedDisk();
        string[] others = ["99999999999.keys", "5.keys", "900000000000.bak", "20260623.log", "900000000000.segment.tar.gz", "notes.gone", "notes"];
        foreach (var name in others)
            disk.Create(name, 10).Dispose();

        await using (var log = Open(disk))
            await log.AppendAsync(_instance, [Drafts.Of(_instance, EventType.Message)], default);

        Assert.Equal([.. others, SegmentFile.NameOf(1)], disk.List());
    }

    [Theory]
    [InlineData(".segment")]
    [InlineData(".segment.damaged")]
    [InlineData(".keys")]
    public void A_number_that_no_file_can_have_refuses_the_start_by_its_name(string suffix)
    {
        foreach (var number in new[] { SegmentFile.MostNumber, 1L << 31, 1L << 32, 999_999_999_999 })
        {
            var disk = new SimulatedDisk();
            disk.Create(SegmentFile.DigitsOf(number) + suffix, 10).Dispose();

            var refusal = Assert.Throws<EventLogCorruptException>(() => Open(disk));

            Assert.Contains(SegmentFile.DigitsOf(number) + suffix, refusal.Message, StringComparison.Ordinal);
            Assert.Contains("2147483647", refusal.Message, StringComparison.Ordinal);
            Assert.Single(disk.List());
        }
    }

    private static SegmentLog Open(SimulatedDisk disk) =>
        SegmentLog.Open(disk, new LogOptions { SegmentBytes = 12 * 1024 }, new Nobody(), TimeProvider.System, NullLogger.Instance);
}
