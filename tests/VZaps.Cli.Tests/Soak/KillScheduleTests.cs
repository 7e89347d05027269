using VZaps.Cli.Soak;
using Xunit;

namespace VZaps.Cli.Tests.Soak;

public sealed class KillScheduleTests
{
    [Fact]
    public void Fourteen_kills_fit_into_five_minutes_whatever_the_seed()
    {
        for (var seed = 0; seed < 1_000; seed++)
        {
            var schedule = new KillSchedule(TimeSpan.FromSeconds(20), new Random(seed));
            var kills = Enumerable.Range(0, 14).Select(_ => schedule.Next()).ToList();
            Assert.True(kills[0] >= TimeSpan.FromSeconds(15) && kills[^1] <= TimeSpan.FromSeconds(285), $"seed {seed}: {kills[0]} to {kills[^1]}");
            Assert.Equal(kills.Order(), kills);
        }
    }
}
