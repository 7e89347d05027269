using VZaps.LoadTest.Events;

namespace VZaps.LoadTest.Systems;

/// <summary>Something that is measured.</summary>
internal interface ISystem
{
    string Name { get; }

    /// <summary>What is missing to run it, and how to get it; null where nothing is.</summary>
    string? Missing { get; }

    /// <summary>Starts it as a process of its own, on an empty folder.</summary>
    Task<IServer> StartAsync(ServerNeeds needs);
}

/// <summary>What a workload needs of a server.</summary>
/// <param name="Instances">How many instances.</param>
/// <param name="StoredEvents">How many events it must be able to keep.</param>
internal sealed record ServerNeeds(int Instances, int StoredEvents);

/// <summary>A system that runs.</summary>
internal interface IServer : IAsyncDisposable
{
    ServerProcess Process { get; }

    /// <summary>A publisher of its own connection, for one request at a time.</summary>
    Task<IPublisher> OpenPublisherAsync();

    /// <summary>Makes a durable reader that stands at the end of an instance's log.</summary>
    Task MakeReaderAsync(int instance, string reader);

    /// <summary>Completes when every ack that was sent has been taken: for a system whose window does not see to it.</summary>
    Task AllAckedAsync();

    /// <summary>Subscribes, acking each event. What is published after it completes is received.</summary>
    Task<ISubscription> SubscribeAsync(SubscribeRequest request, IEventTaker taker);
}

/// <summary>What to subscribe to.</summary>
/// <param name="Instance">Which instance, from 0.</param>
/// <param name="Reader">The durable reader's name.</param>
/// <param name="IsReplay">Whether the reader has stored events ahead of it.</param>
internal sealed record SubscribeRequest(int Instance, string Reader = "default", bool IsReplay = false);

/// <summary>A source of events.</summary>
internal interface IPublisher : IAsyncDisposable
{
    /// <summary>Publishes the events of some numbers to one instance; completes when the system has answered that it keeps them.</summary>
    ValueTask PublishAsync(int instance, int first, int count);
}

/// <summary>A subscription that is open; ends when it is disposed.</summary>
internal interface ISubscription : IAsyncDisposable;
