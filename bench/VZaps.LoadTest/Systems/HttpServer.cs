using VZaps.LoadTest.Events;
using VZaps.LoadTest.Wire;

namespace VZaps.LoadTest.Systems;

/// <summary>An instance of a server that is spoken to over HTTP and WebSocket.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Credentials">Header lines, each with its end.</param>
internal sealed record HttpInstance(string Id, string Credentials);

/// <summary>A server that is spoken to over HTTP and WebSocket: the gateway and the bare one, by the same code.</summary>
/// <param name="process">The process; owned.</param>
/// <param name="instances">Its instances.</param>
/// <param name="query">What a subscription asks for beside its instance.</param>
/// <param name="isExtended">Whether subscribers ask for the extension.</param>
/// <param name="takenAcks">How many acks it has taken; null where its window leaves none of account on the way.</param>
internal sealed class HttpServer(ServerProcess process, IReadOnlyList<HttpInstance> instances, Func<SubscribeRequest, string> query, bool isExtended, Func<Task<long>>? takenAcks = null)
    : IServer
{
    private readonly PublishHead[] _heads =
        [.. instances.Select(instance => PublishHead.For(process.Endpoint, instance.Id, instance.Credentials))];

    private readonly SentAcks _sent = new();

    public ServerProcess Process => process;

    public Task<IPublisher> OpenPublisherAsync() => HttpPublisher.OpenAsync(process.Endpoint, _heads);

    public async Task MakeReaderAsync(int instance, string reader)
    {
        await using var subscription = await SubscribeAsync(new SubscribeRequest(instance, reader), new Tally(0));
    }

    public Task<ISubscription> SubscribeAsync(SubscribeRequest request, IEventTaker taker)
    {
        var instance = instances[request.Instance];
        return WebSocketSubscription.OpenAsync(
            process.Endpoint, $"/events/ws?instance_id={instance.Id}{query(request)}", instance.Credentials, isExtended, _sent, taker);
    }

    public async Task AllAckedAsync()
    {
        while (takenAcks is not null && await takenAcks() < _sent.Count)
            await Task.Delay(1);
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();
}
