using System.Diagnostics.CodeAnalysis;

namespace VZaps;

/// <summary>
/// The type of an event. The nine types of the contract have a property each; a value of any other name is
/// a type that a newer server sent, which only handlers of <see cref="All"/> see.
/// </summary>
/// <remarks>Immutable and thread-safe. Names are compared case-sensitively.</remarks>
public readonly record struct EventType
{
    private static readonly string[] KnownNames =
    [
        "Message", "ReadReceipt", "Presence", "ChatPresence", "HistorySync",
        "Connected", "Disconnected", "GroupParticipantsAdd", "GroupParticipantsRemove",
    ];

    private readonly string? _name;

    private EventType(string name) => _name = name;

    /// <summary>A message came in or went out.</summary>
    public static EventType Message { get; } = new(KnownNames[0]);

    /// <summary>A message was delivered, read, or could not be delivered.</summary>
    public static EventType ReadReceipt { get; } = new(KnownNames[1]);

    /// <summary>A contact came online or went offline.</summary>
    public static EventType Presence { get; } = new(KnownNames[2]);

    /// <summary>Someone is typing or recording in a chat, or has stopped.</summary>
    public static EventType ChatPresence { get; } = new(KnownNames[3]);

    /// <summary>The phone handed over a part of its history.</summary>
    public static EventType HistorySync { get; } = new(KnownNames[4]);

    /// <summary>The instance's WhatsApp connection is up.</summary>
    public static EventType Connected { get; } = new(KnownNames[5]);

    /// <summary>The instance's WhatsApp connection is down.</summary>
    public static EventType Disconnected { get; } = new(KnownNames[6]);

    /// <summary>Participants joined a group.</summary>
    public static EventType GroupParticipantsAdd { get; } = new(KnownNames[7]);

    /// <summary>Participants left a group.</summary>
    public static EventType GroupParticipantsRemove { get; } = new(KnownNames[8]);

    /// <summary>Every type. A filter and a handler may name it; no event has it.</summary>
    public static EventType All { get; } = new("All");

    /// <summary>The nine types that an event can have, in the order of the contract.</summary>
    public static IReadOnlyList<EventType> Known { get; } = Array.ConvertAll(KnownNames, name => new EventType(name));

    /// <summary>The nine names, comma-separated, for error messages.</summary>
    public static string Names { get; } = string.Join(", ", KnownNames);

    /// <summary>The name as on the wire; empty for the default value.</summary>
    public string Name => _name ?? "";

    /// <summary>Whether this is one of the nine types of the contract (so not <see cref="All"/>).</summary>
    public bool IsKnown => Index >= 0;

    /// <summary>Its place in <see cref="Known"/>, 0 to 8; -1 for <see cref="All"/> and unknown types.</summary>
    public int Index => Array.IndexOf(KnownNames, _name);

    /// <summary>The type of that name, known or not.</summary>
    /// <param name="name">A name as it came over the wire.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is null or empty.</exception>
    public static EventType Parse(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new EventType(name);
    }

    /// <summary>The type of that name in UTF-8, known or not; a known one costs no memory.</summary>
    /// <param name="utf8Name">A name as it came over the wire.</param>
    /// <exception cref="ArgumentException"><paramref name="utf8Name"/> is empty.</exception>
    public static EventType Parse(ReadOnlySpan<byte> utf8Name)
    {
        foreach (var known in KnownNames)
        {
            if (known.Length == utf8Name.Length && System.Text.Ascii.Equals(utf8Name, known))
                return new EventType(known);
        }

        return Parse(System.Text.Encoding.UTF8.GetString(utf8Name));
    }

    /// <summary>Reads one of the nine names or <c>All</c>; any other name is refused.</summary>
    /// <param name="name">The name to read.</param>
    /// <param name="type">The type, where the name is one.</param>
    public static bool TryParseKnown([NotNullWhen(true)] string? name, out EventType type)
    {
        type = name is null ? default : new EventType(name);
        return type.IsKnown || type == All;
    }

    /// <inheritdoc cref="Name"/>
    public override string ToString() => Name;
}
