using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using VZaps.Gateway.Http;
using VZaps.Gateway.Ingest;
using Xunit;

namespace VZaps.Gateway.Tests.Ingest;

public sealed class PublishRateTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly InstanceId _instance = InstanceId.New();

    [Fact]
    public void A_seconds_worth_may_come_at_once_and_more_is_refused_until_it_is_waited_off()
    {
        var rate = Rate(new LimitsOptions { PublishedEventsPerSecond = 10 });
        for (var i = 0; i < 10; i++)
            rate.Take(_instance, events: 1, bytes: 1_000_000);

        var problem = Assert.Throws<ProblemException>(() => rate.Take(_instance, 1, 1)).Problem;
        Assert.Equal((429, "publish_rate_exceeded"), (problem.Status, problem.Code));

        _time.Advance(problem.RetryAfter!.Value);
        rate.Take(_instance, 1, 1);
    }

    [Fact]
    public void A_request_larger_than_a_seconds_worth_is_taken_and_waited_off()
    {
        var rate = Rate(new LimitsOptions { PublishedBytesPerSecond = 1_000 });
        rate.Take(_instance, events: 1, bytes: 5_000);

        Assert.Equal(4, Assert.Throws<ProblemException>(() => rate.Take(_instance, 1, 1)).Problem.RetryAfter!.Value.TotalSeconds, tolerance: 0.01);

        _time.Advance(TimeSpan.FromSeconds(4.01));
        rate.Take(_instance, 1, 1);
    }

    [Fact]
    public void One_instance_does_not_use_up_the_rate_of_another()
    {
        var rate = Rate(new LimitsOptions { PublishedEventsPerSecond = 1 });
        rate.Take(_instance, 1, 1);
        Assert.Throws<ProblemException>(() => rate.Take(_instance, 1, 1));
        rate.Take(InstanceId.New(), 1, 1);
    }

    [Fact]
    public void Without_a_limit_nothing_is_refused()
    {
        var rate = Rate(new LimitsOptions());
        for (var i = 0; i < 1_000; i++)
            rate.Take(_instance, 1_000, 8 << 20);
    }

    [Fact]
    public void What_a_request_was_charged_and_did_not_have_is_given_back()
    {
        var rate = Rate(new LimitsOptions { PublishedEventsPerSecond = 10, PublishedBytesPerSecond = 1_000 });
        var refused = rate.Take(_instance, events: 30, bytes: 5_000);
        Assert.Throws<ProblemException>(() => rate.Take(_instance, 1, 1));

        rate.Settle(refused, events: 0, bytes: 0);

        var smaller = rate.Take(_instance, events: 1, bytes: 5_000);
        rate.Settle(smaller, events: 1, bytes: 3_000);
        Assert.Equal(2, Assert.Throws<ProblemException>(() => rate.Take(_instance, 1, 1)).Problem.RetryAfter!.Value.TotalSeconds, tolerance: 0.01);
    }

    [Fact]
    public void What_a_request_had_beyond_its_charge_is_owed()
    {
        var rate = Rate(new LimitsOptions { PublishedBytesPerSecond = 1_000 });
        var taken = rate.Take(_instance, events: 1, bytes: 0);

        rate.Settle(taken, events: 1, bytes: 5_000);

        Assert.Equal(4, Assert.Throws<ProblemException>(() => rate.Take(_instance, 1, 1)).Problem.RetryAfter!.Value.TotalSeconds, tolerance: 0.01);
    }

    [Fact]
    public void What_was_waited_off_already_is_not_given_back()
    {
        var rate = Rate(new LimitsOptions { PublishedBytesPerSecond = 1_000 });
        var taken = rate.Take(_instance, events: 1, bytes: 5_000);
        _time.Advance(TimeSpan.FromSeconds(10));
        rate.Take(_instance, events: 1, bytes: 5_000);

        rate.Settle(taken, events: 0, bytes: 0);

        Assert.Equal(4, Assert.Throws<ProblemException>(() => rate.Take(_instance, 1, 1)).Problem.RetryAfter!.Value.TotalSeconds, tolerance: 0.01);
    }

    [Fact]
    public void Without_a_limit_nothing_is_settled()
    {
        var rate = Rate(new LimitsOptions());
        rate.Settle(rate.Take(_instance, events: 1, bytes: 1), events: 0, bytes: 0);
    }

    private PublishRate Rate(LimitsOptions limits) => new(Options.Create(limits), _time);
}
