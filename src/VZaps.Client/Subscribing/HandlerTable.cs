using System.Collections.Immutable;

namespace VZaps.Client.Subscribing;

/// <summary>Which handlers an event goes to: those of its type and those of <see cref="EventType.All"/>, in the order of registration.</summary>
/// <remarks>Thread-safe: handlers may be added while events come in.</remarks>
internal sealed class HandlerTable
{
    private ImmutableArray<Registration> _registrations = [];

    /// <summary>All of them, in the order of registration.</summary>
    public ImmutableArray<Registration> All => _registrations;

    public void Add(EventType type, Func<VZapsEvent, CancellationToken, Task> handler) => Add(new Registration(type, handler, null));

    public void Add(EventType type, Func<EventContext, Task> handler) => Add(new Registration(type, null, handler));

    private void Add(Registration added) => ImmutableInterlocked.Update(ref _registrations, static (all, one) => all.Add(one), added);

    /// <summary>One handler; a context is only made for those that take one.</summary>
    internal sealed record Registration(EventType Type, Func<VZapsEvent, CancellationToken, Task>? OfEvent, Func<EventContext, Task>? OfContext)
    {
        public bool Takes(EventType type) => Type == type || Type == EventType.All;
    }
}
