using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using VZaps.Client.Subscribing;

namespace VZaps.Client.Tests.Subscribing;

public sealed class HandlerRetryTests
{
    private static readonly EventSubscribeRequest Retrying = ScriptedServer.Request with { HandlerRetry = new ExponentialHandlerRetry(2, TimeSpan.FromMilliseconds(1)) };

    [Fact]
    public async Task A_handler_that_threw_is_called_again_and_those_that_finished_are_not()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(Retrying);
        var errors = new ConcurrentQueue<VZapsException>();
        var order = new ConcurrentQueue<string>();
        var tries = 0;
        subscription.On(EventType.All, e => order.Enqueue("finishes"))
            .On(EventType.Message, e =>
            {
                order.Enqueue($"try {++tries}");
                if (tries < 3)
                    throw new InvalidOperationException("not yet");
            })
            .OnError(errors.Enqueue);
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendBatchAsync(1, 2);
        await Wait.UntilAsync(() => connection.Acks.Count == 2, "acks");
        Assert.Equal(["finishes", "try 1", "try 2", "try 3", "finishes", "try 4"], order);
        Assert.Empty(errors);
        Assert.Empty(connection.FramesOf("nack"));
    }

    [Fact]
    public async Task A_poison_event_surfaces_with_its_history_over_attempts_and_deliveries_and_does_not_stop_the_stream()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(Retrying);
        var errors = new ConcurrentQueue<VZapsHandlerException>();
        var tries = 0;
        subscription.On(EventType.All, e =>
            {
                if (e.Id == Envelopes.Id(1))
                    throw new InvalidOperationException($"failure {++tries}");
            })
            .OnError(error => errors.Enqueue((VZapsHandlerException)error));
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendBatchAsync(1, 2);
        await Wait.UntilAsync(() => connection.Acks.Count == 1, "the event behind it");
        Assert.Equal([Envelopes.Id(2)], connection.Acks);
        await connection.SendAsync(Envelopes.Json(1)[..^1] + ",\"delivery\":2}");
        await Wait.UntilAsync(() => errors.Count == 2, "two reports");
        var last = errors.Last();
        Assert.Equal((Envelopes.Id(1), 6), (last.EventId, last.Attempts));
        Assert.Equal([(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)], last.History.Select(failure => (failure.DeliveryCount, failure.Attempt)));
        Assert.Equal(Enumerable.Range(1, 6).Select(number => $"failure {number}"), last.History.Select(failure => failure.Exception.Message));
        Assert.Equal(2, connection.FramesOf("nack").Count());
    }

    [Fact]
    public async Task A_rejection_is_not_retried()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(Retrying);
        var tries = 0;
        subscription.On(EventType.All, _ =>
        {
            tries++;
            throw new RejectEventException("never");
        });
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.FramesOf("reject").Any(), "reject");
        Assert.Equal(1, tries);
    }

    [Fact]
    public async Task A_handler_that_rejected_is_not_called_again_with_one_that_threw_and_its_rejection_stands()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(Retrying);
        var (rejections, tries) = (0, 0);
        subscription
            .On(EventType.All, _ =>
            {
                rejections++;
                throw new RejectEventException("never");
            })
            .On(EventType.All, _ =>
            {
                if (++tries < 3)
                    throw new InvalidOperationException("not yet");
            });
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.Frames.Count == 1, "an answer");
        Assert.Single(connection.FramesOf("reject"));
        Assert.Equal((1, 3), (rejections, tries));
    }

    [Fact]
    public async Task A_rejection_ends_the_history()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request);
        var errors = new ConcurrentQueue<VZapsHandlerException>();
        subscription.On(EventType.All, _ => throw new RejectEventException("never")).OnError(error => errors.Enqueue((VZapsHandlerException)error));
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        for (var delivery = 1; delivery <= 2; delivery++)
        {
            await connection.SendEventAsync(1);
            await Wait.UntilAsync(() => connection.FramesOf("reject").Count() == delivery && errors.Count == delivery, "reject and report");
        }

        Assert.All(errors, error => Assert.Equal(1, error.Attempts));
    }

    [Fact]
    public async Task A_wait_that_no_timer_takes_is_cut_to_a_day()
    {
        await using var server = await ScriptedServer.StartAsync();
        using var log = new CapturedLog();
        await using var client = server.NewClient(options => options.LoggerFactory = log);
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request with { HandlerRetry = new EndlessPolicy() });
        var errors = new ConcurrentQueue<VZapsException>();
        subscription.On(EventType.All, _ => throw new InvalidOperationException("no")).OnError(errors.Enqueue);
        await subscription.StartAsync();
        await (await server.AcceptAsync()).SendEventAsync(1);
        await Wait.UntilAsync(() => log.Count(1204) == 1, "the wait");
        await subscription.CloseAsync().OrFailAsync();
        Assert.Contains("again in 1.00:00:00.", log.Lines.Single(line => line.Id.Id == 1204).Text, StringComparison.Ordinal);
        Assert.IsType<VZapsHandlerException>(Assert.Single(errors));
    }

    [Fact]
    public async Task A_close_ends_the_wait_and_the_event_is_owed()
    {
        await using var server = await ScriptedServer.StartAsync();
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request with
        {
            HandlerRetry = new ExponentialHandlerRetry(1, TimeSpan.FromMinutes(1)),
        });
        var log = new TaskCompletionSource();
        subscription.On(EventType.All, _ =>
        {
            log.TrySetResult();
            throw new InvalidOperationException("no");
        });
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await log.Task.OrFailAsync();
        await subscription.CloseAsync().OrFailAsync();
        await connection.Ended.OrFailAsync();
        Assert.Empty(connection.Acks);
    }

    [Fact]
    public async Task A_policy_that_throws_gives_the_event_back_and_is_reported()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request with { HandlerRetry = new ThrowingPolicy() });
        var errors = new ConcurrentQueue<VZapsException>();
        subscription.On(EventType.All, _ => throw new InvalidOperationException("no")).OnError(errors.Enqueue);
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.FramesOf("nack").Any() && errors.Count == 2, "nack and both errors");
        Assert.Contains("policy", errors.First().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_payload_that_does_not_fit_is_not_retried_and_another_handler_that_threw_is()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(Retrying);
        var errors = new ConcurrentQueue<VZapsException>();
        var (reads, tries) = (0, 0);
        subscription
            .On(EventType.Message, e =>
            {
                reads++;
                e.As<MessageEvent>();
            })
            .On(EventType.Presence, _ => tries++ == 0 ? throw new InvalidOperationException("not yet") : Task.CompletedTask)
            .On(EventType.Presence, e =>
            {
                reads++;
                e.As<PresenceEvent>();
            })
            .OnError(errors.Enqueue);
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendEventAsync(1);
        await Wait.UntilAsync(() => connection.FramesOf("nack").Count() == 1 && errors.Count == 1, "nack and report");
        Assert.Equal(1, reads);
        await connection.SendEventAsync(2, "Presence", "{\"type\":\"Presence\"}");
        await Wait.UntilAsync(() => connection.FramesOf("nack").Count() == 2 && errors.Count == 2, "nack and report");
        Assert.Equal((2, 2), (reads, tries));
        Assert.All(errors, error => Assert.IsType<VZapsPayloadException>(error.InnerException));
    }

    [Fact]
    public void The_waits_double_up_to_a_minute_and_end()
    {
        var policy = new ExponentialHandlerRetry(8, TimeSpan.FromSeconds(1));
        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60, null], Enumerable.Range(1, 9).Select(attempt => policy.NextDelay(Failure(1, attempt))?.TotalSeconds));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExponentialHandlerRetry(101, TimeSpan.Zero));
    }

    [Fact]
    public void The_history_is_bounded_both_ways_and_forgets_what_was_handled()
    {
        var history = new FailureHistory();
        for (var number = 1; number <= FailureHistory.MaxEvents + 1; number++)
            history.Add(Failure(number, 1));
        Assert.Equal(0, history.Of(Envelopes.Id(1)).Attempts);
        for (var attempt = 2; attempt <= 20; attempt++)
            history.Add(Failure(2, attempt));
        var (attempts, failures) = history.Of(Envelopes.Id(2));
        Assert.Equal((20, FailureHistory.MaxFailures, 5), (attempts, failures.Count, failures[0].Attempt));
        history.Forget(Envelopes.Id(2));
        Assert.Equal(0, history.Of(Envelopes.Id(2)).Attempts);
    }

    private static HandlerFailure Failure(int number, int attempt) => new()
    {
        Event = Envelopes.Read(number), Attempt = attempt, DeliveryCount = 1, At = new FakeTimeProvider().GetUtcNow(), Exception = new InvalidOperationException("no"),
    };

    [Fact]
    public void The_history_keeps_one_payload_of_an_event_the_latest()
    {
        var history = new FailureHistory();
        var failures = Enumerable.Range(1, 3).Select(attempt => Failure(1, attempt)).ToList();
        failures.ForEach(history.Add);
        var kept = history.Of(Envelopes.Id(1)).Failures;
        Assert.Equal([1, 2, 3], kept.Select(failure => failure.Attempt));
        Assert.All(kept, failure => Assert.Same(failures[^1].Event, failure.Event));
    }

    private sealed class EndlessPolicy : IHandlerRetryPolicy
    {
        public TimeSpan? NextDelay(HandlerFailure failure) => TimeSpan.MaxValue;
    }

    private sealed class ThrowingPolicy : IHandlerRetryPolicy
    {
        public TimeSpan? NextDelay(HandlerFailure failure) => throw new InvalidOperationException("no idea");
    }
}
