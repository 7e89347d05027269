using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace VZaps.Client.Testing.Tests;

/// <summary>What the fake gateway promises, to plain clients and to those of the extension alike.</summary>
public sealed class FakeGatewayTests : IAsyncDisposable
{
    private const string Chat = "15550002222@s.whatsapp.net";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private readonly ConcurrentQueue<string> _handled = new();
    private readonly ConcurrentQueue<VZapsException> _errors = new();
    private readonly List<IAsyncDisposable> _open = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var one in Enumerable.Reverse(_open))
            await one.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_event_is_delivered_handled_and_acked(bool extended)
    {
        var gateway = NewGateway(extended);
        await SubscribeAsync(gateway);
        var id = gateway.PublishText(Chat, "hello");
        await gateway.WaitAckedAsync(id);
        Assert.Equal(["hello"], _handled);
        Assert.Equal(new FakeEvent(id, EventType.Message, FakeEventState.Acked, 1, null, null), gateway.Find(id));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_a_cut_what_is_owed_comes_on_the_next_connection(bool extended)
    {
        var gateway = NewGateway(extended);
        await SubscribeAsync(gateway);
        await gateway.WaitAckedAsync(gateway.PublishText(Chat, "before"));
        gateway.Cut();
        await gateway.WaitAckedAsync(gateway.PublishText(Chat, "after"));
        Assert.Equal(["before", "after"], _handled);
        await gateway.WaitConnectedAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_redelivery_is_acked_and_not_handled_twice(bool extended)
    {
        var gateway = NewGateway(extended);
        await SubscribeAsync(gateway);
        var id = gateway.PublishText(Chat, "once");
        await gateway.WaitAckedAsync(id);
        gateway.Redeliver(id);
        await gateway.WaitAckedAsync(gateway.PublishText(Chat, "next"));
        Assert.Equal(["once", "next"], _handled);
        Assert.Equal(2, gateway.Find(id).Deliveries);
    }

    [Fact]
    public async Task A_handler_that_throws_is_seen_as_a_nack_and_virtual_time_brings_the_event_again()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var gateway = NewGateway(extended: true, time);
        var fails = true;
        await SubscribeAsync(gateway, _ => fails ? throw new InvalidOperationException("not yet") : Task.CompletedTask, client => client.FailedEventDelay = TimeSpan.FromMinutes(2));
        var id = gateway.PublishText(Chat, "later");
        await gateway.WaitNackedAsync(id);
        Assert.Single(_errors);
        fails = false;
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(FakeEventState.Nacked, gateway.Find(id).State);
        time.Advance(TimeSpan.FromMinutes(2));
        await gateway.WaitAckedAsync(id);
        Assert.Equal(2, gateway.Find(id).Deliveries);
    }

    [Fact]
    public async Task To_a_plain_client_an_event_that_was_not_acked_comes_again_after_the_ack_timeout_of_virtual_time()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var gateway = NewGateway(extended: false, time);
        var fails = true;
        await SubscribeAsync(gateway, _ => fails ? throw new InvalidOperationException("not yet") : Task.CompletedTask);
        var id = gateway.PublishText(Chat, "again");
        await UntilAsync(() => !_errors.IsEmpty, "the handler has thrown");
        fails = false;
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(1, gateway.Find(id).Deliveries);
        time.Advance(TimeSpan.FromSeconds(1));
        await gateway.WaitAckedAsync(id);
        Assert.Equal(2, gateway.Find(id).Deliveries);
    }

    [Fact]
    public async Task A_rejected_event_is_a_dead_letter_with_its_reason()
    {
        var gateway = NewGateway(extended: true);
        await SubscribeAsync(gateway, _ => throw new RejectEventException("no such customer"));
        var id = gateway.PublishText(Chat, "x");
        await gateway.WaitDeadLetteredAsync(id);
        Assert.Equal(("rejected", "no such customer"), (gateway.Find(id).DeadLetterReason, gateway.Find(id).RejectReason));
    }

    [Fact]
    public async Task An_event_that_always_fails_is_a_dead_letter_after_its_last_delivery()
    {
        var gateway = NewGateway(extended: true, options: new FakeGatewayOptions { MaxDeliveries = 3 });
        await SubscribeAsync(gateway, _ => throw new InvalidOperationException("never"), client => client.FailedEventDelay = TimeSpan.Zero);
        var id = gateway.PublishText(Chat, "poison");
        await gateway.WaitDeadLetteredAsync(id);
        Assert.Equal(("max_deliveries", 3), (gateway.Find(id).DeadLetterReason, gateway.Find(id).Deliveries));
    }

    [Fact]
    public async Task A_dead_letter_is_delivered_when_the_test_redelivers_it()
    {
        var gateway = NewGateway(extended: true);
        var fails = true;
        await SubscribeAsync(gateway, _ => fails ? throw new RejectEventException("closed") : Task.CompletedTask);
        var id = gateway.PublishText(Chat, "x");
        await gateway.WaitDeadLetteredAsync(id);
        fails = false;
        gateway.Redeliver(id);
        await gateway.WaitAckedAsync(id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Each_consumer_has_its_own_account_and_a_type_that_it_never_read_begins_at_the_end(bool extended)
    {
        var gateway = NewGateway(extended);
        var early = gateway.PublishText(Chat, "early");
        await SubscribeAsync(gateway, change: options => options.Consumer = "one");
        var id = gateway.PublishText(Chat, "hello");
        await gateway.WaitAckedAsync(id, "one");
        Assert.Equal(FakeEventState.Waiting, gateway.Find(id, "two").State);
        Assert.Equal(0, gateway.Find(early, "one").Deliveries);
    }

    [Fact]
    public async Task A_cursor_replays_what_follows_it()
    {
        var gateway = NewGateway(extended: true);
        var first = gateway.PublishText(Chat, "first");
        gateway.PublishText(Chat, "second");
        var client = NewClient(gateway);
        var subscription = await client.Events.SubscribeAsync(gateway.NewRequest() with { LastEventId = first });
        _open.Add(subscription);
        subscription.On<MessageEvent>(message => _handled.Enqueue(message.Text!));
        await subscription.StartAsync();
        await UntilAsync(() => _handled.Count == 1, "the second is handled");
        Assert.Equal(["second"], _handled);
    }

    [Fact]
    public async Task A_filter_keeps_the_other_types_away()
    {
        var gateway = NewGateway(extended: true);
        var client = NewClient(gateway);
        var subscription = await client.Events.SubscribeAsync(gateway.NewRequest() with { Events = [EventType.Connected] });
        _open.Add(subscription);
        await subscription.StartAsync();
        var message = gateway.PublishText(Chat, "x");
        await gateway.WaitAckedAsync(gateway.Publish(EventType.Connected, """{"event":{}}"""));
        Assert.Equal(0, gateway.Find(message).Deliveries);
    }

    [Fact]
    public async Task The_ephemeral_consumer_counts_what_was_sent_as_acked()
    {
        var gateway = NewGateway(extended: true);
        await SubscribeAsync(gateway, _ => throw new InvalidOperationException("whatever"), options => options.Consumer = "ephemeral");
        await gateway.WaitAckedAsync(gateway.PublishText(Chat, "x"), "ephemeral");
    }

    [Fact]
    public async Task A_revoked_credential_ends_the_subscription()
    {
        var gateway = NewGateway(extended: true);
        var subscription = await SubscribeAsync(gateway);
        gateway.Close(4001, "revoked");
        var error = await Assert.ThrowsAsync<VZapsRealtimeException>(() => subscription.WaitClosedAsync().WaitAsync(Limit));
        Assert.Equal(4001, error.CloseCode);
    }

    [Fact]
    public async Task A_restart_and_a_gap_are_told()
    {
        var gateway = NewGateway(extended: true);
        var subscription = await SubscribeAsync(gateway);
        var gaps = new ConcurrentQueue<long?>();
        subscription.OnGap(gap => gaps.Enqueue(gap.Events));
        gateway.ReportGap(7);
        await UntilAsync(() => gaps.Contains(7), "the gap is told");
        var closed = 0;
        subscription.OnClose(_ => closed++);
        gateway.GoAway(TimeSpan.Zero);
        await UntilAsync(() => closed == 1, "the connection is left");
        await gateway.WaitAckedAsync(gateway.PublishText(Chat, "after the restart"));
    }

    [Fact]
    public async Task A_refused_connection_is_tried_again()
    {
        var gateway = NewGateway(extended: true);
        gateway.RefuseNextConnection(503, TimeSpan.Zero);
        await SubscribeAsync(gateway);
        await gateway.WaitAckedAsync(gateway.PublishText(Chat, "hello"));
    }

    [Fact]
    public async Task Wrong_credentials_are_refused()
    {
        var gateway = NewGateway(extended: true);
        var client = NewClient(gateway, options => options.ClientSecret = "wrong");
        await Assert.ThrowsAsync<VZapsAuthenticationException>(() => client.Events.SubscribeAsync(gateway.NewRequest()).WaitAsync(Limit));
        var right = NewClient(gateway);
        await Assert.ThrowsAsync<VZapsAuthenticationException>(() => right.Events.SubscribeAsync(gateway.NewRequest() with { InstanceToken = "wrong" }).WaitAsync(Limit));
    }

    [Fact]
    public async Task What_a_client_publishes_reaches_the_subscribers_and_a_key_makes_it_one_event()
    {
        var gateway = NewGateway(extended: true);
        var subscription = await SubscribeAsync(gateway);
        subscription.On(EventType.Presence, received => _handled.Enqueue(received.Data.GetRawText()));
        var client = NewClient(gateway);
        using var data = System.Text.Json.JsonDocument.Parse("""{"event":{"From":"a"}}""");
        var request = new EventPublishRequest
        {
            InstanceId = gateway.InstanceId,
            Events = [new PublishEvent { Type = EventType.Presence, Data = data.RootElement, IdempotencyKey = "k" }],
        };
        var id = (await client.Events.PublishAsync(request)).Ids.Single();
        Assert.Equal([0], (await client.Events.PublishAsync(request)).Duplicates);
        await gateway.WaitAckedAsync(id);
        Assert.Equal(["""{"type":"Presence","event":{"From":"a"}}"""], _handled);
    }

    [Fact]
    public async Task A_call_that_it_does_not_know_is_the_tests_to_answer()
    {
        var gateway = NewGateway(extended: true);
        var client = NewClient(gateway);
        var error = await Assert.ThrowsAsync<VZapsApiException>(() => client.RequestAsync(HttpMethod.Get, "/x"));
        Assert.Contains(nameof(FakeGateway.OnRequest), error.Message, StringComparison.Ordinal);
        gateway.OnRequest = request => request.RequestUri!.AbsolutePath == "/x" ? new HttpResponseMessage { Content = new StringContent("[1]") } : null;
        Assert.Equal(1, (await client.RequestAsync(HttpMethod.Get, "/x"))[0].GetInt32());
    }

    [Fact]
    public async Task A_wait_that_is_in_vain_says_where_the_event_stands()
    {
        var gateway = NewGateway(extended: true);
        var id = gateway.PublishText(Chat, "x");
        var error = await Assert.ThrowsAsync<TimeoutException>(() => gateway.WaitAckedAsync(id));
        Assert.Contains("State = Waiting", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_published_is_refused()
    {
        var gateway = NewGateway(extended: true);
        Assert.Throws<ArgumentException>(() => gateway.Publish(EventType.All, "{}"));
        Assert.Throws<ArgumentException>(() => gateway.Publish(EventType.Message, "[]"));
        Assert.Throws<ArgumentException>(() => gateway.Redeliver("evt_nothing"));
        await Task.CompletedTask;
    }

    private FakeGateway NewGateway(bool extended, TimeProvider? time = null, FakeGatewayOptions? options = null)
    {
        options ??= new FakeGatewayOptions();
        (options.AgreesToExtension, options.TimeProvider) = (extended, time ?? TimeProvider.System);
        var gateway = new FakeGateway(options);
        _open.Add(gateway);
        return gateway;
    }

    private VZapsClient NewClient(FakeGateway gateway, Action<VZapsClientOptions>? change = null)
    {
        var client = gateway.NewClient(change);
        _open.Add(client);
        return client;
    }

    private async Task<EventSubscription> SubscribeAsync(FakeGateway gateway, Func<MessageEvent, Task>? handle = null, Action<VZapsClientOptions>? change = null)
    {
        var subscription = await NewClient(gateway, change).Events.SubscribeAsync(gateway.NewRequest()).WaitAsync(Limit);
        _open.Add(subscription);
        subscription.OnError(_errors.Enqueue);
        subscription.On<MessageEvent>(message =>
        {
            _handled.Enqueue(message.Text!);
            return handle?.Invoke(message) ?? Task.CompletedTask;
        });
        await subscription.StartAsync();
        return subscription;
    }

    private static async Task UntilAsync(Func<bool> holds, string what)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(watch.Elapsed < Limit, $"Not within {Limit}: {what}");
            await Task.Delay(5);
        }
    }
}
