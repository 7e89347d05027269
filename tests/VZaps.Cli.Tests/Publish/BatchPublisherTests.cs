using Microsoft.Extensions.Time.Testing;
using VZaps.Cli.Publish;
using Xunit;

namespace VZaps.Cli.Tests.Publish;

/// <summary>The clock moves only as far as the publisher waits.</summary>
public sealed class BatchPublisherTests
{
    private static readonly VZapsException LostAnswer = new VZapsTimeoutException("no answer");
    private static readonly VZapsException LogUnavailable = new VZapsApiException("half-way") { StatusCode = 503, ErrorCode = "log_unavailable" };
    private static readonly VZapsException NoConnection = new("not reached", new HttpRequestException(HttpRequestError.ConnectionError));
    private static readonly VZapsException CutConnection = new("cut", new HttpRequestException(HttpRequestError.ResponseEnded));

    private readonly FakeTimeProvider _time = new() { AutoAdvanceAmount = TimeSpan.Zero };
    private static readonly TextWriter Nowhere = TextWriter.Null;
    private int _tries;

    [Fact]
    public async Task A_lost_answer_is_tried_again_where_each_event_has_a_key()
    {
        var result = await RunAsync(isKeyed: true, LostAnswer, LogUnavailable, CutConnection);
        Assert.Equal(["evt_1"], result.Ids);
        Assert.Equal(4, _tries);
    }

    [Fact]
    public async Task A_lost_answer_is_not_tried_again_without_keys()
    {
        foreach (var failure in new[] { LostAnswer, LogUnavailable, CutConnection, new VZapsApiException("bad gateway") { StatusCode = 502 } })
        {
            _tries = 0;
            var failed = await Assert.ThrowsAsync<PublishFailedException>(() => RunAsync(isKeyed: false, failure));
            Assert.Equal(PublishOutcome.Unknown, failed.Outcome);
            Assert.Equal(1, _tries);
        }
    }

    [Fact]
    public async Task What_certainly_stored_nothing_is_tried_again_without_keys()
    {
        var busy = new VZapsApiException("busy") { StatusCode = 429 };
        var full = new VZapsApiException("full") { StatusCode = 503, ErrorCode = "log_full" };
        var draining = new VZapsApiException("draining") { StatusCode = 503, ErrorCode = "draining" };
        await RunAsync(isKeyed: false, busy, full, draining, NoConnection);
        Assert.Equal(5, _tries);
    }

    [Fact]
    public async Task The_gateways_retry_after_is_kept()
    {
        var started = _time.GetUtcNow();
        await RunAsync(isKeyed: true, new VZapsApiException("busy") { StatusCode = 429, RetryAfter = TimeSpan.FromSeconds(7) });
        Assert.InRange(_time.GetUtcNow() - started, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task A_refusal_is_final()
    {
        var refused = new VZapsApiException("no") { StatusCode = 400, Index = 3 };
        var failed = await Assert.ThrowsAsync<PublishFailedException>(() => RunAsync(isKeyed: true, refused));
        Assert.Equal((PublishOutcome.Refused, 3), (failed.Outcome, failed.Index));
        Assert.Equal(1, _tries);
    }

    [Fact]
    public async Task A_refusal_after_a_lost_answer_does_not_say_that_nothing_was_stored()
    {
        var failed = await Assert.ThrowsAsync<PublishFailedException>(
            () => RunAsync(isKeyed: true, LostAnswer, new VZapsAuthenticationException("rotated meanwhile")));
        Assert.Equal(PublishOutcome.Unknown, failed.Outcome);
    }

    [Fact]
    public async Task Patience_ends()
    {
        var failed = await Assert.ThrowsAsync<PublishFailedException>(() => RunAsync(isKeyed: true, [.. Enumerable.Repeat(NoConnection, 1_000)]));
        Assert.Equal(PublishOutcome.NotNow, failed.Outcome);
        Assert.InRange(_tries, 3, 100);
    }

    [Fact]
    public async Task Stopping_ends_the_wait_for_the_next_try()
    {
        using var stopping = new CancellationTokenSource();
        var publisher = new BatchPublisher(
            (_, _) =>
            {
                stopping.Cancel();
                throw LostAnswer;
            },
            TimeSpan.FromMinutes(1), new Random(1), Nowhere, _time);
        var failed = await Assert.ThrowsAsync<PublishFailedException>(() => publisher.PublishAsync(Batch(isKeyed: true), stopping.Token));
        Assert.Equal(PublishOutcome.Unknown, failed.Outcome);
    }

    [Fact]
    public async Task Stopping_is_no_failure_where_nothing_was_stored()
    {
        using var stopping = new CancellationTokenSource();
        var publisher = new BatchPublisher(
            (_, _) =>
            {
                stopping.Cancel();
                throw NoConnection;
            },
            TimeSpan.FromMinutes(1), new Random(1), Nowhere, _time);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publisher.PublishAsync(Batch(isKeyed: true), stopping.Token));
    }

    private async Task<PublishResult> RunAsync(bool isKeyed, params VZapsException[] failures)
    {
        var publisher = new BatchPublisher(
            (_, _) => _tries++ < failures.Length ? throw failures[_tries - 1] : Task.FromResult(new PublishResult { Ids = ["evt_1"] }),
            TimeSpan.FromMinutes(1), new Random(1), Nowhere, _time);
        var publishing = publisher.PublishAsync(Batch(isKeyed), CancellationToken.None);
        while (!publishing.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }

        return await publishing;
    }

    private static EventBatch Batch(bool isKeyed)
    {
        var batch = new EventBatch();
        batch.Add(1, "{}"u8, isKeyed);
        return batch;
    }
}
