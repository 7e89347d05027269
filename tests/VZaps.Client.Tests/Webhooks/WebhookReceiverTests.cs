using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace VZaps.Client.Tests.Webhooks;

public sealed class WebhookReceiverTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 23, 23, 0, 0, TimeSpan.Zero));
    private readonly CapturedLog _log = new();
    private readonly List<string> _handled = [];

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task All_handlers_of_the_events_type_are_called_and_it_is_answered_with_200()
    {
        var receiver = Receiver()
            .On(EventType.Message, received => _handled.Add($"event {received.Id}"))
            .On<MessageEvent>(message => _handled.Add(message.Text!))
            .OnEvent(EventType.All, context =>
            {
                _handled.Add($"{context.Consumer} {context.DeliveryCount}");
                return Task.CompletedTask;
            })
            .On(EventType.Connected, _ => _handled.Add("connected"));
        var result = await ReceiveAsync(receiver, new SignedPost().With("vzaps-attempt", "2").Sign(_time));
        Assert.Equal((WebhookOutcome.Handled, 200, """{"outcome":"handled"}"""), Answer(result));
        Assert.Equal(["event evt_01J00000000000000000000001", "hi", "default 2"], _handled);
    }

    [Fact]
    public async Task A_handler_that_throws_is_answered_with_500_and_what_it_threw_stays_in_the_log()
    {
        var result = await ReceiveAsync(Receiver().On(EventType.Message, _ => throw new InvalidOperationException("password=1234")), Post());
        Assert.Equal((WebhookOutcome.Failed, 500), (result.Outcome, result.StatusCode));
        Assert.DoesNotContain("1234", Answer(result).Json, StringComparison.Ordinal);
        Assert.Contains("password=1234", Assert.Single(_log.Lines, line => line.Id.Id == 1501).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_payload_that_does_not_fit_its_handler_is_a_failure()
    {
        var post = new SignedPost().WithBody("""{"type":"Message","event":{"Info":5}}""").Sign(_time);
        Assert.Equal(500, (await ReceiveAsync(Receiver().On<MessageEvent>(_ => { }), post)).StatusCode);
    }

    [Fact]
    public async Task A_rejection_is_answered_with_200_and_its_reason()
    {
        var result = await ReceiveAsync(Receiver().On(EventType.Message, _ => throw new RejectEventException("no such order")), Post());
        Assert.Equal((WebhookOutcome.Rejected, 200, """{"outcome":"rejected","reason":"no such order"}"""), Answer(result));
        Assert.Equal(1, _log.Count(1502));
    }

    [Fact]
    public async Task One_handler_that_wants_it_again_wins_over_one_that_rejects()
    {
        var receiver = Receiver().On(EventType.Message, _ => throw new RejectEventException("no")).On(EventType.Message, _ => throw new InvalidOperationException("again"));
        Assert.Equal(WebhookOutcome.Failed, (await ReceiveAsync(receiver, Post())).Outcome);
    }

    [Fact]
    public async Task A_type_without_a_handler_is_answered_with_200_and_warned_of_once()
    {
        var receiver = Receiver().On(EventType.Connected, _ => { });
        Assert.Equal((WebhookOutcome.Unhandled, 200, """{"outcome":"unhandled"}"""), Answer(await ReceiveAsync(receiver, Post())));
        await ReceiveAsync(receiver, Post());
        Assert.Equal(1, _log.Count(1503));
    }

    [Fact]
    public async Task What_the_store_knows_is_answered_with_200_and_handled_no_second_time()
    {
        var receiver = Receiver(new InMemoryProcessedEventStore()).On(EventType.Message, _ => _handled.Add("once"));
        Assert.Equal(WebhookOutcome.Handled, (await ReceiveAsync(receiver, Post())).Outcome);
        Assert.Equal((WebhookOutcome.Duplicate, 200, """{"outcome":"duplicate"}"""), Answer(await ReceiveAsync(receiver, Post())));
        Assert.Equal(["once"], _handled);
    }

    [Fact]
    public async Task What_failed_is_not_processed_and_comes_through_the_next_time()
    {
        var receiver = Receiver(new InMemoryProcessedEventStore()).On(EventType.Message, _ =>
        {
            _handled.Add("tried");
            if (_handled.Count == 1)
                throw new InvalidOperationException("the first time");
        });
        Assert.Equal(500, (await ReceiveAsync(receiver, Post())).StatusCode);
        Assert.Equal(WebhookOutcome.Handled, (await ReceiveAsync(receiver, Post())).Outcome);
    }

    [Fact]
    public async Task A_second_attempt_while_the_first_is_handled_starts_nothing_and_is_answered_as_the_first()
    {
        var hold = new TaskCompletionSource();
        var receiver = Receiver().On(EventType.Message, _ =>
        {
            _handled.Add("begun");
            return hold.Task;
        });
        // The gateway waits no longer for the first, and posts it again.
        using var hungUp = new CancellationTokenSource();
        var first = receiver.ReceiveAsync(Post().Header, Post().Body, hungUp.Token);
        await hungUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.OrFailAsync());
        var second = receiver.ReceiveAsync(Post().With("vzaps-attempt", "2").Header, Post().Body);
        Assert.False(second.IsCompleted);
        hold.SetResult();
        Assert.Equal(WebhookOutcome.Handled, (await second.OrFailAsync()).Outcome);
        Assert.Equal(["begun"], _handled);
        Assert.Equal(WebhookOutcome.Handled, (await ReceiveAsync(receiver, Post())).Outcome);
        Assert.Equal(["begun", "begun"], _handled);
    }

    [Fact]
    public async Task A_handler_that_threw_is_called_again_as_the_policy_has_it_before_the_post_is_answered_and_those_that_finished_are_not()
    {
        var receiver = Receiver(retry: new ExponentialHandlerRetry(2, TimeSpan.Zero)).On(EventType.Message, _ => _handled.Add("finishes")).On(EventType.Message, _ =>
        {
            _handled.Add("tried");
            if (_handled.Count < 4)
                throw new InvalidOperationException("not yet");
        });
        Assert.Equal(WebhookOutcome.Handled, (await ReceiveAsync(receiver, Post())).Outcome);
        Assert.Equal(["finishes", "tried", "tried", "tried"], _handled);
        Assert.Equal((2, 0), (_log.Count(1204), _log.Count(1501)));
    }

    [Fact]
    public async Task A_policy_that_has_had_enough_or_throws_leaves_the_event_to_the_gateway()
    {
        Action<VZapsEvent> fail = _ => throw new InvalidOperationException("no");
        Assert.Equal(500, (await ReceiveAsync(Receiver(retry: new ExponentialHandlerRetry(1, TimeSpan.Zero)).On(EventType.Message, fail), Post())).StatusCode);
        Assert.Equal(500, (await ReceiveAsync(Receiver(retry: new ThrowingPolicy()).On(EventType.Message, fail), Post())).StatusCode);
        Assert.Equal((1, 2, 1), (_log.Count(1204), _log.Count(1501), _log.Count(1511)));
    }

    [Theory]
    [InlineData("Not A Name", "Consumer 'Not A Name' is no consumer's name.")]
    [InlineData("", "Consumer '' is no consumer's name.")]
    [InlineData(null, "Consumer is missing.")]
    public void A_consumer_that_is_none_is_refused(string? consumer, string message)
    {
        var wrong = Assert.Throws<ArgumentException>(() => new WebhookReceiver(new WebhookReceiverOptions { Secrets = [SignedPost.Secret], Consumer = consumer! }));
        Assert.Contains(message, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_gateway_did_not_send_reaches_no_handler_and_is_answered_with_401()
    {
        var receiver = Receiver().On(EventType.All, _ => _handled.Add("called"));
        var result = await ReceiveAsync(receiver, new SignedPost().Sign(_time, SignedPost.Other));
        Assert.Equal((WebhookOutcome.Refused, 401), (result.Outcome, result.StatusCode));
        Assert.Null(result.Event);
        Assert.Empty(_handled);
    }

    [Fact]
    public async Task Refusals_of_one_kind_are_logged_once_a_minute()
    {
        var receiver = Receiver();
        for (var post = 0; post < 10; post++)
            await ReceiveAsync(receiver, new SignedPost().Sign(_time, SignedPost.Other));
        await ReceiveAsync(receiver, Post().With("webhook-id", null));
        Assert.Equal(2, _log.Count(1504));
        _time.Advance(TimeSpan.FromMinutes(1));
        await ReceiveAsync(receiver, new SignedPost().Sign(_time, SignedPost.Other));
        Assert.Equal(3, _log.Count(1504));
    }

    [Fact]
    public async Task A_body_that_is_signed_and_no_event_is_answered_with_400_and_one_that_is_too_large_with_413()
    {
        var receiver = Receiver(maxBodyBytes: 1_024);
        Assert.Equal((WebhookOutcome.Unreadable, 400), (await ReceiveAsync(receiver, new SignedPost().WithBody("x").Sign(_time))) is var result ? (result.Outcome, result.StatusCode) : default);
        var fits = $$"""{"type":"Message","event":"{{new string('x', 995)}}"}""";
        Assert.Equal(1_024, Encoding.UTF8.GetByteCount(fits));
        Assert.Equal(200, (await ReceiveAsync(receiver, new SignedPost().WithBody(fits).Sign(_time))).StatusCode);
        Assert.Equal(413, (await ReceiveAsync(receiver, new SignedPost().WithBody(fits + " ").Sign(_time))).StatusCode);
        Assert.Throws<ArgumentException>(() => Receiver(maxBodyBytes: 1_023));
    }

    [Fact]
    public async Task A_log_that_throws_leaves_no_post_without_its_answer()
    {
        var log = new CapturedLog { ThrowsAt = 1501 };
        var receiver = new WebhookReceiver(new WebhookReceiverOptions { Secrets = [SignedPost.Secret], TimeProvider = _time, LoggerFactory = log })
            .On(EventType.Message, _ => throw new InvalidOperationException("x"));
        Assert.Equal(500, (await ReceiveAsync(receiver, Post())).StatusCode);
        Assert.Equal(500, (await ReceiveAsync(receiver, Post())).StatusCode);
    }

    [Fact]
    public async Task A_log_that_throws_at_every_line_changes_no_answer()
    {
        WebhookReceiver Make(CapturedLog log) => new WebhookReceiver(new WebhookReceiverOptions { Secrets = [SignedPost.Secret], TimeProvider = _time, LoggerFactory = log })
            .On(EventType.Message, _ => throw new RejectEventException("never"));
        var (sound, broken) = (Make(_log), Make(new CapturedLog { ThrowsAlways = true }));
        SignedPost[] posts = [Post(), new SignedPost().WithBody("""{"type":"Presence"}""").Sign(_time), new SignedPost()];
        foreach (var post in posts)
            Assert.Equal(Answer(await ReceiveAsync(sound, post)), Answer(await ReceiveAsync(broken, post)));
        Assert.Equal(3, _log.Lines.Count);
    }

    [Theory]
    [InlineData("""{"id":"\ud800","type":"Message"}""", 200)]
    [InlineData("""{"type":"\ud800"}""", 400)]
    public async Task Half_a_surrogate_pair_in_a_signed_body_is_no_reason_to_throw(string body, int status)
    {
        var receiver = Receiver();
        Assert.Equal(status, (await ReceiveAsync(receiver, new SignedPost().WithBody(body).Sign(_time))).StatusCode);
    }

    private static (WebhookOutcome Outcome, int Status, string Json) Answer(WebhookResult result) =>
        (result.Outcome, result.StatusCode, Encoding.UTF8.GetString(result.ToJson().Span));

    private static Task<WebhookResult> ReceiveAsync(WebhookReceiver receiver, SignedPost post) => receiver.ReceiveAsync(post.Header, post.Body).OrFailAsync();

    private SignedPost Post() => new SignedPost().Sign(_time);

    private WebhookReceiver Receiver(IProcessedEventStore? store = null, int maxBodyBytes = 1_048_576, IHandlerRetryPolicy? retry = null) => new(new WebhookReceiverOptions
    {
        Secrets = [SignedPost.Secret],
        TimeProvider = _time,
        LoggerFactory = _log,
        ProcessedEvents = store,
        HandlerRetry = retry,
        MaxBodyBytes = maxBodyBytes,
    });

    private sealed class ThrowingPolicy : IHandlerRetryPolicy
    {
        public TimeSpan? NextDelay(HandlerFailure failure) => throw new InvalidOperationException("no idea");
    }
}
