namespace VZaps.Gateway.Delivery;

/// <summary>A consumer's state at one moment: head and owed belong together.</summary>
/// <param name="Types">The types that it has read, by index.</param>
/// <param name="ReaderEnds">By owed event, the connections that ended with it as their oldest unacked one.</param>
/// <param name="LastGap">The last time that retention was faster than the consumer.</param>
/// <param name="Moves">How often it was moved by a seek.</param>
/// <param name="Version">The <see cref="Consumer.Version"/> of that moment; not stored.</param>
internal sealed record ConsumerState(
    IReadOnlyList<TypeState> Types, IReadOnlyDictionary<long, IReadOnlyList<ReaderEnd>> ReaderEnds, Gap? LastGap, int Moves, long Version);

/// <summary>The state in one type.</summary>
/// <param name="TypeIndex">The type.</param>
/// <param name="Head">The newest sequence sent.</param>
/// <param name="Owed">Sequences at or below the head that nobody has acked, ascending.</param>
/// <param name="LastReadAt">When a connection last read it.</param>
internal sealed record TypeState(byte TypeIndex, long Head, IReadOnlyList<long> Owed, DateTimeOffset LastReadAt);
