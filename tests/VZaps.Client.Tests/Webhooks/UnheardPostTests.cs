using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace VZaps.Client.Tests.Webhooks;

/// <summary>Handlers that are slower than the gateway waits: it has hung up by the time that they end.</summary>
public sealed class UnheardPostTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 23, 23, 0, 0, TimeSpan.Zero));
    private readonly CapturedLog _log = new();
    private readonly ConcurrentQueue<string> _begun = [];
    private readonly Dictionary<(string Id, int Handling), TaskCompletionSource> _holds = [];
    private readonly Dictionary<string, int> _handlings = [], _ended = [];

    public void Dispose() => _log.Dispose();

    [Theory]
    [InlineData(false, """{"outcome":"handled"}""")]
    [InlineData(true, """{"outcome":"rejected","reason":"no such order"}""")]
    public async Task What_ended_after_the_gateway_had_hung_up_is_answered_to_its_next_post_and_no_handler_is_called_again(bool rejects, string answer)
    {
        var receiver = Receiver();
        await HangUpAsync(receiver, "evt_1");
        await EndAsync(receiver, "evt_1", rejects ? new RejectEventException("no such order") : null);
        var result = await ReceiveAsync(receiver, "evt_1");
        Assert.Equal((200, answer), (result.StatusCode, Encoding.UTF8.GetString(result.ToJson().Span)));
        Assert.Equal("evt_1", result.Event!.Id);
        Assert.Equal(["evt_1"], _begun);
    }

    [Fact]
    public async Task What_failed_after_the_gateway_had_hung_up_is_handled_again()
    {
        var receiver = Receiver();
        await HangUpAsync(receiver, "evt_1");
        await EndAsync(receiver, "evt_1", new InvalidOperationException("no"));
        End("evt_1");
        Assert.Equal(WebhookOutcome.Handled, (await ReceiveAsync(receiver, "evt_1")).Outcome);
        Assert.Equal(["evt_1", "evt_1"], _begun);
    }

    [Fact]
    public async Task A_result_is_answered_again_for_30_s_as_the_answer_may_be_lost_and_then_what_is_retried_by_hand_is_handled()
    {
        var receiver = Receiver();
        await HangUpAsync(receiver, "evt_1");
        await EndAsync(receiver, "evt_1");
        await ReceiveAsync(receiver, "evt_1");
        _time.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromTicks(1));
        Assert.Equal(WebhookOutcome.Handled, (await ReceiveAsync(receiver, "evt_1")).Outcome);
        Assert.Equal(["evt_1"], _begun);
        _time.Advance(TimeSpan.FromTicks(1));
        End("evt_1");
        await ReceiveAsync(receiver, "evt_1");
        Assert.Equal(["evt_1", "evt_1"], _begun);
    }

    [Fact]
    public async Task A_post_that_is_cancelled_before_it_is_looked_at_takes_nothing_away()
    {
        var receiver = Receiver();
        await HangUpAsync(receiver, "evt_1");
        await EndAsync(receiver, "evt_1");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receiver.ReceiveAsync(Post("evt_1").Header, Post("evt_1").Body, new CancellationToken(canceled: true)));
        Assert.Equal(WebhookOutcome.Handled, (await ReceiveAsync(receiver, "evt_1")).Outcome);
        Assert.Equal(["evt_1"], _begun);
    }

    [Fact]
    public async Task No_more_results_are_kept_than_may_and_the_oldest_goes_first()
    {
        var receiver = Receiver(options => options with { MaxUnheardResults = 2 });
        foreach (var id in new[] { "evt_1", "evt_2", "evt_3" })
        {
            await HangUpAsync(receiver, id);
            await EndAsync(receiver, id);
        }

        _begun.Clear();
        await ReceiveAsync(receiver, "evt_3");
        await ReceiveAsync(receiver, "evt_2");
        Assert.Empty(_begun);
        End("evt_1");
        await ReceiveAsync(receiver, "evt_1");
        Assert.Equal(["evt_1"], _begun);
    }

    [Fact]
    public async Task A_result_that_was_answered_goes_before_one_that_was_not()
    {
        var receiver = Receiver(options => options with { MaxUnheardResults = 2 });
        foreach (var id in new[] { "evt_1", "evt_2", "evt_3" })
        {
            await HangUpAsync(receiver, id);
            await EndAsync(receiver, id);
            if (id == "evt_2")
                await ReceiveAsync(receiver, id);
        }

        await ReceiveAsync(receiver, "evt_1");
        await ReceiveAsync(receiver, "evt_3");
        Assert.Equal(["evt_1", "evt_2", "evt_3"], _begun);
        End("evt_2");
        await ReceiveAsync(receiver, "evt_2");
        Assert.Equal(["evt_1", "evt_2", "evt_3", "evt_2"], _begun);
    }

    [Fact]
    public async Task Results_that_are_heard_at_once_push_no_other_out()
    {
        var receiver = Receiver(options => options with { MaxUnheardResults = 1 });
        await HangUpAsync(receiver, "evt_1");
        await EndAsync(receiver, "evt_1");
        End("evt_2");
        await ReceiveAsync(receiver, "evt_2");
        await ReceiveAsync(receiver, "evt_1");
        Assert.Equal(["evt_1", "evt_2"], _begun);
    }

    [Fact]
    public async Task A_result_is_kept_for_its_lifetime_and_not_longer()
    {
        var receiver = Receiver(options => options with { UnheardResultLifetime = TimeSpan.FromMinutes(10) });
        foreach (var id in new[] { "evt_1", "evt_2" })
        {
            await HangUpAsync(receiver, id);
            await EndAsync(receiver, id);
        }

        _time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromTicks(1));
        await ReceiveAsync(receiver, "evt_1");
        Assert.Equal(["evt_1", "evt_2"], _begun);
        _time.Advance(TimeSpan.FromTicks(1));
        End("evt_2");
        await ReceiveAsync(receiver, "evt_2");
        Assert.Equal(["evt_1", "evt_2", "evt_2"], _begun);
    }

    [Fact]
    public async Task While_as_many_handlers_run_as_may_whose_posts_timed_out_other_events_are_answered_with_503_and_when_to_come_again()
    {
        var receiver = Receiver(options => options with { MaxUnheardHandlers = 2 });
        await HangUpAsync(receiver, "evt_1");
        await HangUpAsync(receiver, "evt_2");
        for (var post = 0; post < 2; post++)
        {
            var refused = await ReceiveAsync(receiver, "evt_3");
            Assert.Equal((WebhookOutcome.Busy, 503, TimeSpan.FromSeconds(15)), (refused.Outcome, refused.StatusCode, refused.RetryAfter));
        }

        Assert.Equal(["evt_1", "evt_2"], _begun);
        Assert.Equal(1, _log.Count(1506)); // once a minute

        // The next post of one of them waits for it: somebody hears of it now, so that there is room for another.
        var again = receiver.ReceiveAsync(Post("evt_1").Header, Post("evt_1").Body);
        End("evt_3");
        Assert.Equal(WebhookOutcome.Handled, (await ReceiveAsync(receiver, "evt_3")).Outcome);
        End("evt_1");
        Assert.Equal(WebhookOutcome.Handled, (await again.OrFailAsync()).Outcome);
        End("evt_2");
        End("evt_4");
        Assert.Equal(WebhookOutcome.Handled, (await ReceiveAsync(receiver, "evt_4")).Outcome);
        Assert.Equal(["evt_1", "evt_2", "evt_3", "evt_4"], _begun);
    }

    [Fact]
    public async Task A_handler_that_runs_for_longer_than_it_should_is_warned_of_and_runs_on()
    {
        var receiver = Receiver(options => options with { MaxHandlerTime = TimeSpan.FromMinutes(2) });
        await HangUpAsync(receiver, "evt_1");
        _time.Advance(TimeSpan.FromMinutes(2) - TimeSpan.FromTicks(1));
        Assert.Equal(0, _log.Count(1505));
        _time.Advance(TimeSpan.FromTicks(1));
        await Wait.UntilAsync(() => _log.Count(1505) == 1, "the warning");
        End("evt_1");
        Assert.Equal(WebhookOutcome.Handled, (await ReceiveAsync(receiver, "evt_1")).Outcome);
    }

    [Fact]
    public async Task A_handler_that_blocks_its_thread_holds_no_post_whose_sender_has_hung_up_and_is_bounded_warned_of_and_remembered_as_any_other()
    {
        using var release = new SemaphoreSlim(0);
        var receiver = new WebhookReceiver(new WebhookReceiverOptions
        {
            Secrets = [SignedPost.Secret], TimeProvider = _time, LoggerFactory = _log, MaxUnheardHandlers = 1, MaxHandlerTime = TimeSpan.FromMinutes(2),
        }).On(EventType.Message, received =>
        {
            _begun.Enqueue(received.Id);
            Assert.True(release.Wait(Wait.Limit * 2));
        });
        using var hungUp = new CancellationTokenSource();
        var post = Task.Run(() => receiver.ReceiveAsync(Post("evt_1").Header, Post("evt_1").Body, hungUp.Token), CancellationToken.None);
        await Wait.UntilAsync(() => _begun.Contains("evt_1"), "its handler");
        await hungUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => post.OrFailAsync());
        Assert.Equal(WebhookOutcome.Busy, (await ReceiveAsync(receiver, "evt_2")).Outcome);
        _time.Advance(TimeSpan.FromMinutes(2));
        await Wait.UntilAsync(() => _log.Count(1505) == 1, "the warning");
        release.Release();
        await receiver.WhenIdle().OrFailAsync();
        Assert.Equal(WebhookOutcome.Handled, (await ReceiveAsync(receiver, "evt_1")).Outcome);
        Assert.Equal(["evt_1"], _begun);
    }

    [Theory]
    [InlineData(0, 0, 1, "MaxUnheardHandlers 0 is out of range; give 1 to 100000.")]
    [InlineData(1, -1, 1, "MaxUnheardResults -1 is out of range; give 0 to 1000000.")]
    [InlineData(1, 0, 0, "UnheardResultLifetime 00:00:00 is out of range; give 00:00:01 to 1.00:00:00.")]
    public void A_bound_that_is_none_is_refused(int handlers, int results, int seconds, string message)
    {
        var wrong = Assert.Throws<ArgumentException>(() => Receiver(options => options with
        {
            MaxUnheardHandlers = handlers, MaxUnheardResults = results, UnheardResultLifetime = TimeSpan.FromSeconds(seconds),
        }));
        Assert.Contains(message, wrong.Message, StringComparison.Ordinal);
    }

    /// <summary>A post of whose event the handler runs, and whose sender hangs up.</summary>
    private async Task HangUpAsync(WebhookReceiver receiver, string id)
    {
        using var hungUp = new CancellationTokenSource();
        var post = receiver.ReceiveAsync(Post(id).Header, Post(id).Body, hungUp.Token);
        await Wait.UntilAsync(() => _begun.LastOrDefault() == id, "its handler");
        await hungUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => post.OrFailAsync());
    }

    /// <summary>Ends the only handling that runs, of which nobody hears.</summary>
    private Task EndAsync(WebhookReceiver receiver, string id, Exception? thrown = null)
    {
        End(id, thrown);
        return receiver.WhenIdle().OrFailAsync();
    }

    /// <summary>Ends the first handling of an event that the test has not ended yet, also before it begins.</summary>
    private void End(string id, Exception? thrown = null)
    {
        var hold = Next(_ended, id);
        if (thrown is null)
            hold.SetResult();
        else
            hold.SetException(thrown);
    }

    private TaskCompletionSource Next(Dictionary<string, int> counts, string id)
    {
        lock (_holds)
        {
            counts[id] = counts.GetValueOrDefault(id) + 1;
            var key = (id, counts[id]);
            return _holds.TryGetValue(key, out var hold) ? hold : _holds[key] = new TaskCompletionSource();
        }
    }

    private Task<WebhookResult> ReceiveAsync(WebhookReceiver receiver, string id) => receiver.ReceiveAsync(Post(id).Header, Post(id).Body).OrFailAsync();

    private SignedPost Post(string id) => new SignedPost().With("webhook-id", id).Sign(_time);

    private WebhookReceiver Receiver(Func<WebhookReceiverOptions, WebhookReceiverOptions>? change = null)
    {
        var options = new WebhookReceiverOptions { Secrets = [SignedPost.Secret], TimeProvider = _time, LoggerFactory = _log };
        return new WebhookReceiver(change?.Invoke(options) ?? options).On(EventType.Message, received =>
        {
            _begun.Enqueue(received.Id);
            return Next(_handlings, received.Id).Task;
        });
    }
}
