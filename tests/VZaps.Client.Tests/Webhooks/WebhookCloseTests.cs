using Microsoft.Extensions.Time.Testing;

namespace VZaps.Client.Tests.Webhooks;

public sealed class WebhookCloseTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 6, 23, 23, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(Start);
    private readonly CapturedLog _log = new();
    private readonly TaskCompletionSource _hold = new();

    public void Dispose()
    {
        _hold.TrySetResult();
        _log.Dispose();
    }

    [Fact]
    public async Task The_close_waits_for_the_running_handler_and_further_events_are_answered_with_503()
    {
        var receiver = Receiver().On(EventType.Message, _ => _hold.Task);
        var post = PostAsync(receiver, "evt_1");
        var (closing, closingAgain) = (receiver.CloseAsync(), receiver.CloseAsync());
        var refused = await PostAsync(receiver, "evt_2").OrFailAsync();
        Assert.Equal((WebhookOutcome.Busy, 503, null), (refused.Outcome, refused.StatusCode, refused.RetryAfter));
        var again = PostAsync(receiver, "evt_1"); // what runs is waited for
        Assert.False(closing.IsCompleted || again.IsCompleted);
        _hold.SetResult();
        await Task.WhenAll(closing, closingAgain).OrFailAsync();
        Assert.Equal([WebhookOutcome.Handled, WebhookOutcome.Handled], (await Task.WhenAll(post, again).OrFailAsync()).Select(result => result.Outcome));
        Assert.Equal(0, _log.Count(1521));
    }

    [Fact]
    public async Task A_handler_that_outlasts_the_close_time_out_has_its_token_cancelled_and_not_before()
    {
        var begun = new TaskCompletionSource<CancellationToken>();
        var receiver = Receiver().OnEvent(EventType.Message, context =>
        {
            begun.SetResult(context.CancellationToken);
            return _hold.Task.WaitAsync(context.CancellationToken);
        });
        using var hungUp = new CancellationTokenSource();
        var post = PostAsync(receiver, "evt_1", hungUp.Token);
        var token = await begun.Task.OrFailAsync();
        await hungUp.CancelAsync(); // nobody waits for it but the close
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => post.OrFailAsync());
        Assert.False(token.IsCancellationRequested);
        var closing = receiver.CloseAsync();
        await AdvanceUntilAsync(() => token.IsCancellationRequested, TimeSpan.FromSeconds(5));
        Assert.InRange(_time.GetUtcNow() - Start, TimeSpan.FromSeconds(30), TimeSpan.MaxValue);
        await closing.OrFailAsync();
        Assert.Equal(1, _log.Count(1521));
    }

    [Fact]
    public async Task A_handler_that_ignores_its_token_is_left_behind()
    {
        var receiver = Receiver().On(EventType.Message, _ => _hold.Task);
        var post = PostAsync(receiver, "evt_1");
        var closing = receiver.CloseAsync();
        await AdvanceUntilAsync(() => closing.IsCompleted, TimeSpan.FromSeconds(5));
        Assert.Equal((1, 1), (_log.Count(1521), _log.Count(1522)));
        Assert.False(post.IsCompleted);
    }

    [Fact]
    public async Task What_a_handler_registered_on_its_token_does_not_fail_the_close()
    {
        var begun = new TaskCompletionSource();
        var receiver = Receiver().On(EventType.Message, async (_, cancellationToken) =>
        {
            await using var registered = cancellationToken.Register(() => throw new InvalidOperationException("not now"));
            begun.SetResult();
            await _hold.Task;
        });
        _ = PostAsync(receiver, "evt_1");
        await begun.Task.OrFailAsync();
        var closing = receiver.CloseAsync();
        await AdvanceUntilAsync(() => closing.IsCompleted, TimeSpan.FromSeconds(5));
        await closing;
        Assert.Equal(1, _log.Count(1523));
    }

    [Fact]
    public async Task Closing_from_inside_a_handler_does_not_wait_for_itself()
    {
        WebhookReceiver? receiver = null;
        receiver = Receiver().On(EventType.Message, async _ =>
        {
            await receiver!.CloseAsync();
            await receiver.CloseAsync();
        });
        Assert.Equal(WebhookOutcome.Handled, (await PostAsync(receiver, "evt_1").OrFailAsync()).Outcome);
        await receiver.CloseAsync().OrFailAsync();
        Assert.Equal(0, _log.Count(1521));
    }

    [Fact]
    public async Task The_close_ends_the_wait_for_another_call_of_a_handler()
    {
        var calls = 0;
        var receiver = Receiver(new ExponentialHandlerRetry(3, TimeSpan.FromMinutes(1))).On(EventType.Message, _ =>
        {
            calls++;
            throw new InvalidOperationException("not yet");
        });
        var post = PostAsync(receiver, "evt_1");
        await Wait.UntilAsync(() => _log.Count(1204) == 1, "the wait for the next call");
        await receiver.CloseAsync().OrFailAsync();
        Assert.Equal((500, 1), ((await post.OrFailAsync()).StatusCode, calls));
    }

    /// <summary>Time goes on only while it does not hold yet: else it would overtake what follows it.</summary>
    private Task AdvanceUntilAsync(Func<bool> holds, TimeSpan step) => Wait.UntilAsync(
        () =>
        {
            if (holds())
                return true;
            _time.Advance(step);
            return holds();
        },
        "time has come");

    private Task<WebhookResult> PostAsync(WebhookReceiver receiver, string id, CancellationToken cancellationToken = default)
    {
        var post = new SignedPost().With("webhook-id", id).Sign(_time);
        return receiver.ReceiveAsync(post.Header, post.Body, cancellationToken);
    }

    private WebhookReceiver Receiver(IHandlerRetryPolicy? retry = null) => new(new WebhookReceiverOptions
    {
        Secrets = [SignedPost.Secret], TimeProvider = _time, LoggerFactory = _log, HandlerRetry = retry, CloseTimeout = TimeSpan.FromSeconds(30),
    });
}
