using System.Diagnostics;

namespace VZaps.Client.Subscribing;

/// <summary>An event that waits for its turn.</summary>
/// <param name="Event">The event.</param>
/// <param name="Announced">Its connection's <c>OnOpen</c> callbacks; they come first.</param>
/// <param name="Received">The span of its receipt; null where nobody listens.</param>
internal readonly record struct WaitingEvent(VZapsEvent Event, Task Announced, Activity? Received = null);

/// <summary>In which order the events that wait may be taken.</summary>
/// <remarks>Not thread-safe: it stands under the lock of its <see cref="EventQueue"/>.</remarks>
internal interface IEventOrder
{
    /// <summary>How many wait, whether or not their turn has come.</summary>
    int Count { get; }

    /// <summary>Whether one of them may be taken now.</summary>
    bool HasReady { get; }

    /// <summary>How many takers would find one, at most.</summary>
    int ReadyCount { get; }

    /// <summary>Down to how many waiting events a full queue must come before it is filled again.</summary>
    int RefillAt(int capacity);

    void Add(WaitingEvent waiting, string key);

    /// <summary>Takes the next one.</summary>
    /// <param name="taken">The event.</param>
    /// <param name="line">What is to be given to <see cref="Release"/> when the event is done with.</param>
    bool TryTake(out WaitingEvent taken, out object? line);

    /// <summary>An event that was taken is done with: what had to wait for it may follow.</summary>
    void Release(object? line);
}
