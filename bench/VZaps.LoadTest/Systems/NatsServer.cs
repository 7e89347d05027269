using VZaps.LoadTest.Events;
using VZaps.LoadTest.Wire;

namespace VZaps.LoadTest.Systems;

/// <summary>A nats-server with one stream, a subject for each instance and a consumer for each subscription.</summary>
internal sealed class NatsServer(ServerProcess process, int instances) : IServer
{
    public const string Stream = "EVENTS";
    private const int MaxAckPending = 1_024;
    private readonly string[] _subjects = [.. Enumerable.Range(0, instances).Select(SubjectOf)];
    private int _consumers;

    public ServerProcess Process => process;

    public Task<IPublisher> OpenPublisherAsync() => NatsPublisher.OpenAsync(process.Endpoint, _subjects);

    // A consumer can begin at the start of the stream, so there is no need of one that was there before.
    public Task MakeReaderAsync(int instance, string reader) => Task.CompletedTask;

    // No more than MaxAckPending are on the way.
    public Task AllAckedAsync() => Task.CompletedTask;

    public async Task<ISubscription> SubscribeAsync(SubscribeRequest request, IEventTaker taker)
    {
        var consumer = $"c{Interlocked.Increment(ref _consumers)}";
        await MakeConsumerAsync(request.Instance, consumer, request.IsReplay ? "all" : "new");
        return await NatsSubscription.OpenAsync(process.Endpoint, DeliveryOf(consumer), taker);
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();

    public static string SubjectOf(int instance) => $"events.{instance}";

    private static string DeliveryOf(string consumer) => $"deliver.{consumer}";

    private Task MakeConsumerAsync(int instance, string name, string from) => NatsSession.RequestAsync(
        process.Endpoint,
        $"$JS.API.CONSUMER.DURABLE.CREATE.{Stream}.{name}",
        $$"""{"stream_name":"{{Stream}}","config":{"durable_name":"{{name}}","deliver_subject":"{{DeliveryOf(name)}}","deliver_policy":"{{from}}","ack_policy":"explicit","ack_wait":30000000000,"max_ack_pending":{{MaxAckPending}},"filter_subject":"{{SubjectOf(instance)}}"} }""");
}
