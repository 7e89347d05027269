using System.Text.Json;

namespace VZaps.Cli.DeadLetters;

/// <summary>An event that its consumer gave up, or that was given up for it.</summary>
/// <param name="EventId">The event.</param>
/// <param name="Type">Its type.</param>
/// <param name="Consumer">Whose letter it is.</param>
/// <param name="Reason"><c>max_deliveries</c>, <c>rejected</c>, <c>kills_reader</c>, <c>skipped_by_cursor</c> or <c>abandoned</c>.</param>
/// <param name="Detail">The client's own words; null without any.</param>
/// <param name="Deliveries">How often it was delivered.</param>
/// <param name="Attempts">The deliveries that are known.</param>
/// <param name="DiedAt">When it was given up.</param>
/// <param name="RedeliveredAt">When somebody asked for it to be delivered again; it stays until it is acked.</param>
/// <param name="Event">The envelope.</param>
internal sealed record DeadLetter(
    string EventId,
    string Type,
    string? Consumer,
    string Reason,
    string? Detail,
    int Deliveries,
    IReadOnlyList<DeliveryAttempt>? Attempts,
    DateTimeOffset DiedAt,
    DateTimeOffset? RedeliveredAt,
    JsonElement? Event);

/// <summary>One delivery of a dead letter.</summary>
internal sealed record DeliveryAttempt(DateTimeOffset At, string? ConnectionId, string? Outcome);

/// <summary>A page of dead letters, in log order.</summary>
internal sealed record DeadLetterPage(IReadOnlyList<DeadLetter> DeadLetters, long Total, string? NextAfter, bool HasMore);

/// <summary>How many are delivered again.</summary>
internal sealed record RedeliveredLetters(long Redelivered);

/// <summary>How many were deleted.</summary>
internal sealed record DeletedLetters(long Deleted);
