using System.Text.Json;

namespace VZaps.Gateway.Delivery;

/// <summary>A dead letter as the API shows it.</summary>
/// <param name="EventId">The event.</param>
/// <param name="Type">Its type.</param>
/// <param name="Consumer">Whose letter it is.</param>
/// <param name="Reason"><c>max_deliveries</c>, <c>rejected</c>, <c>kills_reader</c>, <c>skipped_by_cursor</c> or <c>abandoned</c>.</param>
/// <param name="Detail">The client's own words; null without any.</param>
/// <param name="Deliveries">How often it was delivered, as far as is known.</param>
/// <param name="Attempts">The attempts that are known, oldest first; 50 at most.</param>
/// <param name="DiedAt">When it became a dead letter, last.</param>
/// <param name="RedeliveredAt">When somebody asked for it to be delivered again; it stays here until it is acked.</param>
/// <param name="Event">The envelope.</param>
internal sealed record DeadLetterAnswer(
    string EventId,
    string Type,
    string Consumer,
    string Reason,
    string? Detail,
    int Deliveries,
    IReadOnlyList<LetterAttempt> Attempts,
    DateTimeOffset DiedAt,
    DateTimeOffset? RedeliveredAt,
    JsonElement Event)
{
    public static DeadLetterAnswer Of(DeadLetterRow row) => new(
        row.EventId,
        EventType.Known[row.TypeIndex].Name,
        row.Consumer,
        DeadLetterReasons.NameOf(row.Reason),
        row.Detail,
        row.Deliveries,
        LetterAttempt.Read(row.Attempts),
        DateTimeOffset.FromUnixTimeMilliseconds(row.DiedAtMilliseconds),
        row.RedeliveredAtMilliseconds is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null,
        JsonSerializer.Deserialize<JsonElement>(row.Envelope));
}

/// <summary>A page of dead letters, in log order.</summary>
/// <param name="DeadLetters">The letters.</param>
/// <param name="Total">How many the consumer has.</param>
/// <param name="NextAfter">Give it as <c>after</c> to read on; null where the page is empty.</param>
/// <param name="HasMore">Whether there are more.</param>
internal sealed record DeadLetterPageAnswer(IReadOnlyList<DeadLetterAnswer> DeadLetters, int Total, string? NextAfter, bool HasMore);

/// <summary>How many letters are delivered again.</summary>
internal sealed record RedeliveredAnswer(int Redelivered);

/// <summary>How many letters were deleted.</summary>
internal sealed record DeletedAnswer(int Deleted);
