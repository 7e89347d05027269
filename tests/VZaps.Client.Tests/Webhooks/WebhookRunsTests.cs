using Microsoft.Extensions.Time.Testing;
using VZaps.Client.Webhooks;

namespace VZaps.Client.Tests.Webhooks;

/// <summary>Between the end of an event's handlers and the last of those who wait for it.</summary>
public sealed class WebhookRunsTests
{
    private static readonly WebhookResult Handled = new(WebhookOutcome.Handled, null), Failed = new(WebhookOutcome.Failed, "no");
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task A_post_that_comes_when_the_handlers_have_ended_and_nobody_has_heard_of_it_yet_starts_none(bool firstHears, bool secondHears)
    {
        var runs = Runs();
        var first = runs.Enter("evt_1").Run!;
        runs.End(first, Handled);
        Assert.True(runs.WhenIdle().IsCompleted);
        var second = runs.Enter("evt_1");
        Assert.False(second.IsFirst);
        Assert.Equal(Handled, await second.Run!.Ended);
        runs.Leave(first, firstHears);
        runs.Leave(second.Run, secondHears);
        // Kept where nobody has heard, else handled when it comes again.
        var third = runs.Enter("evt_1");
        Assert.Equal((firstHears || secondHears, firstHears || secondHears ? null : Handled), (third.IsFirst, third.Known));
    }

    [Fact]
    public void Whoever_hangs_up_on_an_earlier_run_leaves_the_later_one_alone()
    {
        var runs = Runs();
        var first = runs.Enter("evt_1").Run!;
        runs.Enter("evt_1");
        runs.End(first, Handled);
        runs.Leave(first, hasHeard: true);
        var second = runs.Enter("evt_1");
        Assert.True(second.IsFirst);
        runs.Leave(first, hasHeard: false);
        Assert.False(runs.WhenIdle().IsCompleted);
        Assert.Same(second.Run, runs.Enter("evt_1").Run);
    }

    [Fact]
    public void What_failed_is_begun_again_although_nobody_has_heard_of_it_yet()
    {
        var runs = Runs();
        var first = runs.Enter("evt_1").Run!;
        runs.End(first, Failed);
        Assert.True(runs.Enter("evt_1").IsFirst);
    }

    [Fact]
    public void A_result_that_is_kept_anew_takes_the_place_of_the_older_one()
    {
        var results = new UnheardResults(max: 2, TimeSpan.FromMinutes(10), _time);
        results.Keep("evt_1", Handled);
        _time.Advance(TimeSpan.FromMinutes(9));
        results.Keep("evt_1", new WebhookResult(WebhookOutcome.Rejected, "never"));
        results.Keep("evt_2", Handled);
        _time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(WebhookOutcome.Rejected, results.Answer("evt_1")?.Outcome);
        Assert.NotNull(results.Answer("evt_2"));
    }

    private WebhookRuns Runs() => new(maxUnheard: 10, new UnheardResults(max: 10, TimeSpan.FromHours(1), _time));
}
