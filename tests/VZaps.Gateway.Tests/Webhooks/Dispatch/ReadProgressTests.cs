using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using VZaps.Gateway.Webhooks;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Dispatch;

public sealed class ReadProgressTests
{
    private static readonly HashSet<long> None = [];

    [Fact]
    public void The_position_stays_before_what_is_not_kept_yet()
    {
        var progress = new ReadProgress(position: 10, None);
        progress.Begin(11);
        progress.Begin(12);
        progress.Keep(12);
        Assert.Equal(10, progress.Position());
        progress.Keep(11);
        Assert.Equal(12, progress.Position());
    }

    [Fact]
    public void What_has_a_delivery_from_before_a_restart_is_not_begun_again()
    {
        var progress = new ReadProgress(position: 10, new HashSet<long> { 12 });
        Assert.True(progress.Begin(11));
        Assert.False(progress.Begin(12));
        progress.Keep(11);
        Assert.Equal(12, progress.Position());
    }

    [Fact]
    public void The_position_that_is_saved_with_an_event_counts_that_one_and_no_other_open_one()
    {
        var progress = new ReadProgress(position: 0, None);
        foreach (var sequence in (long[])[1, 2, 3])
            progress.Begin(sequence);
        Assert.Equal(1, progress.PositionWith(1));
        Assert.Equal(0, progress.PositionWith(2));
        progress.Keep(2);
        Assert.Equal(2, progress.PositionWith(1));
        progress.Keep(3);
        progress.Pass(9);
        Assert.Equal(9, progress.PositionWith(1));
    }

    /// <summary>Whatever order events are kept in, a crash at any point leaves none that is below the saved position and has no delivery.</summary>
    [Property]
    public void Nothing_below_a_saved_position_is_without_a_delivery(NonEmptyArray<int> order)
    {
        var count = Math.Min(order.Get.Length, 40);
        var progress = new ReadProgress(position: 0, None);
        for (var sequence = 1; sequence <= count; sequence++)
            progress.Begin(sequence);
        var kept = new HashSet<long>();
        foreach (var sequence in Enumerable.Range(1, count).OrderBy(sequence => order.Get[sequence - 1]).ThenBy(sequence => sequence))
        {
            var saved = progress.PositionWith(sequence);
            kept.Add(sequence);
            Assert.DoesNotContain(Enumerable.Range(1, (int)saved), below => !kept.Contains(below));
            progress.Keep(sequence);
        }

        Assert.Equal(count, progress.Position());
    }
}
