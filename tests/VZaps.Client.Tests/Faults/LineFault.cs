namespace VZaps.Client.Tests.Faults;

/// <summary>What goes wrong on the way to a connection, or on it.</summary>
internal enum FaultKind
{
    /// <summary>Nothing.</summary>
    None,

    // Instead of a connection.
    Status401,
    Status429,
    Status503,
    AddressRefused,
    AddressUnknown,
    HandshakeUnanswered,

    // After so many bytes from the server, at any place in a frame.
    Cut,
    EndOfStream,
    HalfOpen,
    Stall,

    // After so many bytes from the client: acks are lost.
    CutOnTheWayUp,

    // Before so many events.
    GarbageText,
    GarbageBinary,
    GarbageFrame,
    ServerClose,

    /// <summary>A close frame between the two halves of a message.</summary>
    CloseInMessage,
    GoAway,
}

/// <summary>One of them, and when.</summary>
internal readonly record struct LineFault(FaultKind Kind, int After)
{
    public static LineFault None => default;

    public override string ToString() => Kind is FaultKind.None ? "none" : $"{Kind} after {After}";
}
