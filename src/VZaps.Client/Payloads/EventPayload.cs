using System.Text.Json;

namespace VZaps;

/// <summary>
/// What an event says, as its type has it. Read one with <see cref="EventPayloads.As{TPayload}(VZapsEvent)"/>, or let the handlers of
/// <see cref="EventPayloads.On{TPayload}(EventSubscription, Func{TPayload, CancellationToken, Task})"/> be given it.
/// </summary>
/// <remarks>Immutable and thread-safe. Fields that have no property here are in <see cref="Data"/>. You can make one yourself, to test what takes it.</remarks>
public abstract record EventPayload
{
    private protected EventPayload()
    {
    }

    /// <summary>The id of the event that it was read from; empty where you made it.</summary>
    public string EventId { get; init; } = "";

    /// <summary>The instance of the event that it was read from; empty where you made it, or the server did not say.</summary>
    public string InstanceId { get; init; } = "";

    /// <summary>The whole payload as it came; an undefined element where you made it.</summary>
    public JsonElement Data { get; init; }

    /// <summary>Type and event id; never what was said.</summary>
    public sealed override string ToString() => $"{GetType().Name} {EventId}";
}
