namespace VZaps.Cli.Tail;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Events">The types to show; null for those that the instance subscribes to.</param>
/// <param name="From">An event id to begin after; null for the log's end.</param>
/// <param name="FromStart">Whether to begin with the oldest retained event.</param>
/// <param name="Count">End after so many events, 1 and more; null for no end.</param>
internal sealed record TailOptions(IReadOnlyList<EventType>? Events, string? From, bool FromStart, long? Count);
