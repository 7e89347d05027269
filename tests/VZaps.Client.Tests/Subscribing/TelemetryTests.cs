using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace VZaps.Client.Tests.Subscribing;

/// <summary>Sources and meters are of the process: each test looks for its own instance's spans.</summary>
public sealed class TelemetryTests : IDisposable
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private readonly string _instance = $"VZ{Guid.NewGuid():N}".ToUpperInvariant();
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public TelemetryTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "VZaps.Client",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.GetTagItem("messaging.destination.name") as string == _instance)
                    _ended.Enqueue(activity);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task A_message_is_received_and_its_events_processed_in_spans_of_one_trace()
    {
        await RunAsync([Envelopes.Json(1), Envelopes.Json(2)], _ => Task.CompletedTask);
        var receive = Assert.Single(_ended, activity => activity.OperationName == "receive");
        Assert.Equal((ActivityKind.Client, 2), (receive.Kind, (int)receive.GetTagItem("messaging.batch.message_count")!));
        var processes = _ended.Where(activity => activity.OperationName == "process Message").ToList();
        Assert.Equal(2, processes.Count);
        Assert.All(processes, process => Assert.Equal((receive.TraceId, receive.SpanId, ActivityKind.Consumer), (process.TraceId, process.ParentSpanId, process.Kind)));
        Assert.Equal(
            ("vzaps", "process", "reports", Envelopes.Id(1)),
            (processes[0].GetTagItem("messaging.system"), processes[0].GetTagItem("messaging.operation.type"), processes[0].GetTagItem("messaging.consumer.group.name"),
                processes[0].GetTagItem("messaging.message.id")));
        Assert.All(_ended, span => Assert.Equal(("127.0.0.1", true), (span.GetTagItem("server.address"), span.GetTagItem("server.port") is int and > 0)));
        Assert.All(_ended, span => Assert.Equal(span.GetTagItem("messaging.operation.type"), span.GetTagItem("messaging.operation.name")));
    }

    [Theory]
    [InlineData($$"""{"type":"Message","traceparent":"00-{{TraceId}}-b7ad6b7169203331-01","tracestate":"a=b"}""", true)]
    [InlineData("""{"type":"Message","traceparent":"rubbish"}""", false)]
    [InlineData("""{"type":"Message","traceparent":"\ud800"}""", false)]
    [InlineData("{\"type\":\"Message\",\"event\":{\"traceparent\":\"00-" + TraceId + "-b7ad6b7169203331-01\"}}", false)]
    public async Task A_trace_context_in_the_data_is_the_parent_and_the_receipt_a_link(string data, bool isThere)
    {
        await RunAsync([Envelopes.Json(1, data: data)], _ => Task.CompletedTask);
        var receive = Assert.Single(_ended, activity => activity.OperationName == "receive");
        var process = Assert.Single(_ended, activity => activity.OperationName == "process Message");
        Assert.Equal(isThere, process.TraceId.ToString() == TraceId);
        if (!isThere)
            return;
        Assert.Equal("b7ad6b7169203331", process.ParentSpanId.ToString());
        Assert.Equal("a=b", process.TraceStateString);
        Assert.Equal(receive.SpanId, Assert.Single(process.Links).Context.SpanId);
    }

    [Fact]
    public async Task A_failure_shows_in_its_span_and_the_handler_runs_inside_of_it()
    {
        var current = new ConcurrentQueue<string?>();
        await RunAsync([Envelopes.Json(1)], e =>
        {
            current.Enqueue(Activity.Current?.OperationName);
            throw new InvalidOperationException("no");
        });
        var process = Assert.Single(_ended, activity => activity.OperationName == "process Message");
        Assert.Equal((ActivityStatusCode.Error, "System.InvalidOperationException"), (process.Status, process.GetTagItem("error.type")));
        Assert.Equal(["process Message"], current);
    }

    [Fact]
    public async Task The_duration_is_measured_in_seconds_by_type_and_kind_of_error()
    {
        var measured = new ConcurrentQueue<(double Value, string Tags)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "messaging.process.duration")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) => measured.Enqueue((value, string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}")))));
        listener.Start();
        await RunAsync([Envelopes.Json(1, "GroupParticipantsRemove")], _ => Task.Delay(20));
        await RunAsync([Envelopes.Json(1, "GroupParticipantsAdd")], _ => throw new InvalidOperationException("no"));
        const string Common = "messaging.system=vzaps messaging.operation.name=process";
        Assert.Contains(measured, one => one is { Value: > 0.01 and < 60 } && one.Tags == $"vzaps.event.type=GroupParticipantsRemove {Common}");
        Assert.Contains(measured, one => one.Tags == $"vzaps.event.type=GroupParticipantsAdd {Common} error.type=System.InvalidOperationException");
    }

    [Fact]
    public async Task A_delivery_that_is_pulled_has_a_span_from_its_giving_out_to_its_answer()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var stream = client.Events.StreamAsync(ScriptedServer.Request with { InstanceId = _instance }).GetAsyncEnumerator();
        var moving = stream.MoveNextAsync();
        var connection = await server.AcceptAsync();
        await connection.SendHelloAsync(consumer: "reports");
        await connection.SendBatchAsync(1, 2, 3, 4);
        var deliveries = new List<EventDelivery>();
        while (deliveries.Count < 4)
        {
            Assert.True(await moving.AsTask().OrFailAsync());
            deliveries.Add(stream.Current);
            if (deliveries.Count < 4)
                moving = stream.MoveNextAsync();
        }

        Assert.Null(Activity.Current);
        Assert.DoesNotContain(_ended, activity => activity.Kind == ActivityKind.Consumer);
        await deliveries[0].AckAsync();
        await deliveries[1].NackAsync();
        await deliveries[2].RejectAsync("never");
        await stream.DisposeAsync();
        var receive = Assert.Single(_ended, activity => activity.OperationName == "receive");
        var processes = _ended.Where(activity => activity.OperationName == "process Message").ToList();
        Assert.Equal(deliveries.Select(delivery => delivery.Activity), processes);
        Assert.All(processes, process => Assert.Equal((receive.TraceId, receive.SpanId, "reports"), (process.TraceId, process.ParentSpanId, process.GetTagItem("messaging.consumer.group.name"))));
        Assert.Equal([null, "nacked", "rejected", "unanswered"], processes.Select(process => process.GetTagItem("error.type")));
        Assert.Equal(Enumerable.Range(1, 4).Select(Envelopes.Id), processes.Select(process => process.GetTagItem("messaging.message.id")));
    }

    [Fact]
    public async Task Listeners_that_throw_cost_neither_an_event_nor_the_subscription()
    {
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "VZaps.Client")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        meters.SetMeasurementEventCallback<long>((_, _, _, _) => throw new InvalidOperationException("broken meter"));
        meters.SetMeasurementEventCallback<double>((_, _, _, _) => throw new InvalidOperationException("broken meter"));
        meters.Start();
        using var spans = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "VZaps.Client",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStarted = _ => throw new InvalidOperationException("broken tracer"),
            ActivityStopped = _ => throw new InvalidOperationException("broken tracer"),
        };
        ActivitySource.AddActivityListener(spans);
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request with { InstanceId = _instance });
        var errors = new ConcurrentQueue<VZapsException>();
        subscription.On(EventType.All, e => e.Id == Envelopes.Id(2) ? throw new InvalidOperationException("no") : Task.CompletedTask).OnError(errors.Enqueue);
        await subscription.StartAsync();
        var first = await server.AcceptAsync();
        await first.SendBatchAsync(1, 2, 1);
        await Wait.UntilAsync(() => first.Acks.Contains(Envelopes.Id(1)) && first.FramesOf("nack").Any(), "ack and nack");
        first.Cut();
        var second = await server.AcceptAsync();
        await second.SendEventAsync(3);
        await Wait.UntilAsync(() => second.Acks.Contains(Envelopes.Id(3)), "ack over the next connection");
        await subscription.CloseAsync().OrFailAsync();
        Assert.Single(errors.OfType<VZapsHandlerException>());
    }

    private async Task RunAsync(IEnumerable<string> events, Func<VZapsEvent, Task> handle)
    {
        await using var server = await ScriptedServer.StartAsync();
        server.AgreesToExtension = true;
        await using var client = server.NewClient();
        await using var subscription = await client.Events.SubscribeAsync(ScriptedServer.Request with { InstanceId = _instance });
        subscription.On(EventType.All, handle);
        await subscription.StartAsync();
        var connection = await server.AcceptAsync();
        await connection.SendHelloAsync(consumer: "reports");
        await connection.SendAsync($"[{string.Join(',', events)}]");
        await Wait.UntilAsync(() => !connection.Frames.IsEmpty, "an answer");
        await subscription.CloseAsync();
    }
}
