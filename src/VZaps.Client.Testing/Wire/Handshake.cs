namespace VZaps.Client.Testing.Wire;

/// <summary>What a connection asked for.</summary>
/// <param name="Consumer">The consumer as which it reads.</param>
/// <param name="Types">The types that its filter lets through.</param>
/// <param name="Start">The place in the log after its cursor; null without one.</param>
/// <param name="IsExtended">Whether both ends agreed to the extension.</param>
internal sealed record Handshake(string Consumer, IReadOnlySet<EventType> Types, int? Start, bool IsExtended);
