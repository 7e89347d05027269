using FsCheck;
using FsCheck.Xunit;
using VZaps.Client.Realtime;

namespace VZaps.Client.Tests.Realtime;

public sealed class ReconnectBackoffTests
{
    [Property]
    public bool A_delay_is_never_over_the_doubled_base_or_the_ceiling(int seed, PositiveInt baseMs, PositiveInt failures)
    {
        var baseDelay = TimeSpan.FromMilliseconds(1 + (baseMs.Get % 30_000));
        var backoff = new ReconnectBackoff(baseDelay, new Random(seed));
        var limit = baseDelay;
        for (var i = 0; i < 1 + (failures.Get % 100); i++)
        {
            var delay = backoff.NextDelay(null);
            if (delay < TimeSpan.Zero || delay > limit || delay > ReconnectBackoff.Ceiling)
                return false;
            limit = limit > ReconnectBackoff.Ceiling ? limit : limit * 2;
        }

        return true;
    }

    [Property]
    public bool What_the_server_asked_for_is_waited_and_at_most_one_base_delay_more(int seed, PositiveInt seconds)
    {
        var asked = TimeSpan.FromSeconds(seconds.Get);
        var delay = new ReconnectBackoff(TimeSpan.FromSeconds(1), new Random(seed)).NextDelay(asked);
        return delay >= asked && delay <= asked + TimeSpan.FromSeconds(1);
    }

    [Property]
    public bool After_a_reset_the_first_limit_is_the_base_again(int seed, byte failures)
    {
        var backoff = new ReconnectBackoff(TimeSpan.FromSeconds(1), new Random(seed));
        for (var i = 0; i < failures; i++)
            backoff.NextDelay(null);
        backoff.Reset();
        return backoff.Failures == 0 && backoff.NextDelay(null) <= TimeSpan.FromSeconds(1);
    }

    [Fact]
    public void Ten_retries_of_a_second_outlast_a_server_that_is_down_for_ten_seconds()
    {
        for (var seed = 0; seed < 10_000; seed++)
        {
            var backoff = new ReconnectBackoff(TimeSpan.FromSeconds(1), new Random(seed));
            var waited = Enumerable.Range(0, 10).Aggregate(TimeSpan.Zero, (sum, _) => sum + backoff.NextDelay(null));
            Assert.True(waited > TimeSpan.FromSeconds(10), $"Seed {seed} waited {waited} in all.");
        }
    }

    [Fact]
    public void The_jitter_uses_the_whole_range()
    {
        var random = new Random(1);
        var delays = Enumerable.Range(0, 1_000).Select(_ => new ReconnectBackoff(TimeSpan.FromSeconds(1), random).NextDelay(null)).ToList();
        Assert.True(delays.Min() < TimeSpan.FromMilliseconds(50) && delays.Max() > TimeSpan.FromMilliseconds(950));
    }
}
