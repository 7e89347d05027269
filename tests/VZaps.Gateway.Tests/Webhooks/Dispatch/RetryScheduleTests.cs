using VZaps.Gateway.Outbound;
using VZaps.Gateway.Webhooks;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Dispatch;

public sealed class RetryScheduleTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly RetrySchedule Schedule = new(new WebhookOptions().RetrySchedule);

    [Theory]
    [InlineData(1, "00:00:05")]
    [InlineData(2, "00:05:00")]
    [InlineData(3, "00:30:00")]
    [InlineData(4, "02:00:00")]
    [InlineData(5, "05:00:00")]
    [InlineData(6, "10:00:00")]
    [InlineData(7, "14:00:00")]
    [InlineData(8, "20:00:00")]
    [InlineData(9, "1.00:00:00")]
    public void A_failed_attempt_is_followed_by_the_next_after_the_contracts_wait(int attempts, string wait) =>
        Assert.Equal(Now + TimeSpan.Parse(wait), Schedule.Next(attempts, Now, retryAfter: null, random: 0));

    [Fact]
    public void The_tenth_failure_is_the_last()
    {
        Assert.Equal(10, Schedule.MaxAttempts);
        Assert.Null(Schedule.Next(10, Now, retryAfter: null, random: 0));
    }

    [Fact]
    public void Jitter_only_adds_and_a_tenth_at_most() =>
        Assert.Equal(Now + TimeSpan.FromSeconds(5.5), Schedule.Next(1, Now, retryAfter: null, random: 1));

    [Theory]
    [InlineData(60, "00:01:00")]
    [InlineData(1, "00:00:05")]
    [InlineData(10_000_000, "1.00:00:00")]
    public void Retry_after_makes_a_wait_longer_and_never_shorter_nor_longer_than_the_longest(int asked, string wait) =>
        Assert.Equal(Now + TimeSpan.Parse(wait), Schedule.Next(1, Now, TimeSpan.FromSeconds(asked), random: 0));
}
