namespace VZaps.Client.Tests.Ways;

/// <summary>
/// A way in which a program can consume events. What is promised for all of them is tested over <see cref="All"/>; a further one joins with a line there and a
/// class that begins it.
/// </summary>
public abstract class WayToConsume
{
    public static IReadOnlyList<WayToConsume> Each { get; } =
    [
        new HandlerWay(maxConcurrency: 1), new HandlerWay(maxConcurrency: 8), new PullWay(isParallel: false), new PullWay(isParallel: true),
        new HostedWay(maxConcurrency: 1), new HostedWay(maxConcurrency: 8),
    ];

    /// <summary>For theories.</summary>
    public static TheoryData<WayToConsume> All => [.. Each];

    /// <summary>Whether events of different chats may be handled side by side.</summary>
    public abstract bool IsParallel { get; }

    /// <summary>Consumes with a handler: acked when it returns, failed when it throws, rejected by a <see cref="RejectEventException"/>.</summary>
    public abstract Task<RunningConsumer> BeginAsync(VZapsClient client, EventSubscribeRequest request, Func<VZapsEvent, CancellationToken, Task> handle);
}

/// <summary>A consumer at work.</summary>
public abstract class RunningConsumer : IAsyncDisposable
{
    /// <summary>Completes when it has ended; fails with what ended it, where that was not asked for.</summary>
    public abstract Task Ended { get; }

    /// <summary>Asks it to end, as Ctrl+C does, and waits until it has.</summary>
    public abstract Task StopAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        GC.SuppressFinalize(this);
    }
}
