namespace VZaps.Gateway.Log;

/// <summary>What a check of one of the log's files found.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Events">How many events in it are sound.</param>
/// <param name="Keys">How many of its records have an idempotency key.</param>
/// <param name="Damage">What is not sound, and from which byte on; empty where all is.</param>
/// <param name="Notes">What is no damage but worth a line.</param>
internal sealed record LogFileVerdict(
    string Name, long Bytes, int Events, int Keys, IReadOnlyList<LogDamage> Damage, IReadOnlyList<string> Notes);

/// <summary>A part of a file that is not sound.</summary>
/// <param name="Offset">Its first byte.</param>
/// <param name="EndOffset">The byte behind its last.</param>
/// <param name="What">What is wrong with it.</param>
internal readonly record struct LogDamage(long Offset, long EndOffset, string What);
