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
    }

    [Theory]
    [InlineData($$"""{"type":"Message","traceparent":"00-{{TraceId}}-b7ad6b7169203331-01","tracestate":"a=b"}""", true)]
    [InlineData("""{"type":"Message","traceparent":"rubbish"}""", false)]
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
    public async Task The_duration_is_measured_in_seconds_by_type()
    {
        var measured = new ConcurrentQueue<(double Value, string? Type)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "messaging.process.duration")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) => measured.Enqueue((value, tags[0].Value as string)));
        listener.Start();
        await RunAsync([Envelopes.Json(1, "GroupParticipantsRemove")], _ => Task.Delay(20));
        Assert.Contains(measured, one => one is { Type: "GroupParticipantsRemove", Value: > 0.01 and < 60 });
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
