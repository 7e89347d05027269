using System.Collections.Immutable;

namespace VZaps.Client.Subscribing;

/// <summary>Which handlers an event goes to: those of its type and those of <see cref="EventType.All"/>, in the order of registration.</summary>
/// <remarks>Thread-safe: handlers may be added while events come in.</remarks>
internal sealed class HandlerTable
{
    private ImmutableArray<Registration> _registrations = [];

    public void Add(EventType type, Func<VZapsEvent, CancellationToken, Task> handler) =>
        ImmutableInterlocked.Update(ref _registrations, static (all, added) => all.Add(added), new Registration(type, handler));

    public IEnumerable<Func<VZapsEvent, CancellationToken, Task>> Matching(EventType type)
    {
        foreach (var registration in _registrations)
        {
            if (registration.Type == type || registration.Type == EventType.All)
                yield return registration.Handler;
        }
    }

    private sealed record Registration(EventType Type, Func<VZapsEvent, CancellationToken, Task> Handler);
}
