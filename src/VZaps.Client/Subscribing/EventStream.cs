using System.Runtime.CompilerServices;
using VZaps.Client.Configuration;
using VZaps.Client.Media;
using VZaps.Client.Realtime;

namespace VZaps.Client.Subscribing;

/// <summary>A subscription whose events are pulled.</summary>
internal sealed class EventStream : ISubscription
{
    private readonly PullLoop _owner;
    private readonly SubscriptionRun _run;
    private readonly DeliveryReader _reader;

    public EventStream(PullLoop owner, EventSubscribeRequest request, ClientSettings settings, RealtimeConnector connector, MediaAccess media)
    {
        _owner = owner;
        DeliveryReader? reader = null;
        _run = new SubscriptionRun(owner, request, settings, connector, media, maxTakers: 1, new SingleLine(), parts => reader = new DeliveryReader(owner, parts));
        _reader = reader!;
    }

    public Task FirstOpen => _run.FirstOpen;

    public Task Ended => _run.Ended;

    public void Begin()
    {
        _run.Begin();
        _run.Start();
    }

    /// <summary>The deliveries, until the stream is closed or left.</summary>
    /// <exception cref="VZapsException">Why the stream ended, where that was not asked for.</exception>
    public async IAsyncEnumerable<EventDelivery> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var asked = cancellationToken.UnsafeRegister(static run => ((SubscriptionRun)run!).Close(), _run);
        await using (asked.ConfigureAwait(false))
        {
            while (await _reader.ReadAsync().ConfigureAwait(false) is { } delivery)
            {
                _owner.BeginBody();
                yield return delivery;
            }
        }

        // Nothing further is given out. What is out may still be answered while the close waits for it.
        if (await _run.Ended.ConfigureAwait(false) is { } error)
            throw error;
        cancellationToken.ThrowIfCancellationRequested();
    }

    public Task CloseAsync()
    {
        _run.Close();
        return WhenEnded();
    }

    /// <summary>Whoever pulled has left the loop: what is not answered by now is owed. The close waits for what is being undone, within its bounds.</summary>
    public async ValueTask DisposeAsync()
    {
        _run.Close();
        _reader.LeaveAll();
        await WhenEnded().ConfigureAwait(false);
    }

    /// <summary>The end, but for the loop's body and the user's store, which would wait for themselves.</summary>
    private Task WhenEnded() => HandlerScope.IsInside(_owner) ? Task.CompletedTask : _run.Ended;
}
