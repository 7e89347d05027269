using FsCheck;
using FsCheck.Xunit;
using Microsoft.Extensions.Time.Testing;
using VZaps.Client.Realtime;

namespace VZaps.Client.Tests.Realtime;

public sealed class ReconnectTriesTests
{
    private static readonly VZapsException Failure = new("cut");
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Property]
    public bool A_delay_is_never_over_the_doubled_first_one_or_the_ceiling(int seed, PositiveInt firstMs, PositiveInt failures)
    {
        var limit = TimeSpan.FromMilliseconds(1 + (firstMs.Get % 30_000));
        var tries = Tries(new Random(seed), limit);
        for (var i = 0; i < 1 + (failures.Get % 100); i++)
        {
            var delay = tries.Next(Failure, null);
            if (delay < TimeSpan.Zero || delay > limit || delay > ExponentialReconnectPolicy.Ceiling)
                return false;
            limit = limit > ExponentialReconnectPolicy.Ceiling ? limit : limit * 2;
        }

        return true;
    }

    [Property]
    public bool What_the_server_asked_for_is_waited_and_at_most_one_first_delay_more(int seed, PositiveInt seconds)
    {
        var asked = TimeSpan.FromSeconds(seconds.Get % 80_000);
        var delay = Tries(new Random(seed), Second).Next(Failure, asked);
        return delay >= asked && delay <= asked + Second;
    }

    [Property]
    public bool After_a_reset_the_first_limit_is_the_first_delay_again(int seed, byte failures)
    {
        var tries = Tries(new Random(seed), Second);
        for (var i = 0; i < failures; i++)
            tries.Next(Failure, null);
        tries.Reset();
        return tries.Failures == 0 && tries.Next(Failure, null) <= Second;
    }

    [Fact]
    public void Ten_retries_of_a_second_outlast_a_server_that_is_down_for_ten_seconds()
    {
        for (var seed = 0; seed < 10_000; seed++)
        {
            var tries = Tries(new Random(seed), Second);
            var waited = Enumerable.Range(0, 10).Aggregate(TimeSpan.Zero, (sum, _) => sum + tries.Next(Failure, null)!.Value);
            Assert.True(waited > TimeSpan.FromSeconds(10), $"Seed {seed} waited {waited} in all.");
        }
    }

    [Fact]
    public void The_jitter_uses_the_whole_range()
    {
        var random = new Random(1);
        var delays = Enumerable.Range(0, 1_000).Select(_ => Tries(random, Second).Next(Failure, null)).ToList();
        Assert.True(delays.Min() < TimeSpan.FromMilliseconds(50) && delays.Max() > TimeSpan.FromMilliseconds(950));
    }

    [Fact]
    public void The_policy_is_told_of_the_count_the_time_and_the_failure()
    {
        var time = new FakeTimeProvider();
        var policy = new RecordingPolicy(Second);
        var tries = new ReconnectTries(policy, Second, new Random(1), time);
        tries.Next(new VZapsRealtimeException("closed") { CloseCode = 1013 }, null);
        time.Advance(TimeSpan.FromSeconds(5));
        tries.Next(new VZapsRealtimeException("refused") { HandshakeStatus = 503 }, TimeSpan.FromSeconds(9));
        Assert.Equal((1, TimeSpan.Zero, 1013, null, "closed"), Seen(policy.Asked[0]));
        Assert.Equal((2, TimeSpan.FromSeconds(5), null, 503, "refused"), Seen(policy.Asked[1]));
        Assert.Equal(TimeSpan.FromSeconds(9), policy.Asked[1].RetryAfter);
    }

    private static (int, TimeSpan, int?, int?, string) Seen(ReconnectAttempt attempt) =>
        (attempt.Number, attempt.Elapsed, attempt.CloseCode, attempt.HandshakeStatus, attempt.Reason);

    private static ReconnectTries Tries(Random random, TimeSpan first) =>
        new(new ExponentialReconnectPolicy(first, maxRetries: null, random), first, random, TimeProvider.System);
}
