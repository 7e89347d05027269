namespace VZaps.Gateway.Delivery;

/// <summary>A consumer's state at one moment: head and owed belong together.</summary>
/// <param name="Types">The types that it has read, by index.</param>
/// <param name="Version">The <see cref="Consumer.Version"/> of that moment; not stored.</param>
internal sealed record ConsumerState(IReadOnlyList<TypeState> Types, long Version);

/// <summary>The state in one type.</summary>
/// <param name="TypeIndex">The type.</param>
/// <param name="Head">The newest sequence sent.</param>
/// <param name="Owed">Sequences at or below the head that nobody has acked, ascending.</param>
internal sealed record TypeState(byte TypeIndex, long Head, IReadOnlyList<long> Owed);
