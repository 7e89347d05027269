using System.Text.Json;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Delivery;

/// <summary>One attempt to deliver an event that became a dead letter.</summary>
/// <param name="At">When it was sent, or when the connection ended.</param>
/// <param name="ConnectionId">On which connection.</param>
/// <param name="Outcome"><c>timed_out</c>, <c>nacked</c>, <c>rejected</c> or <c>connection_ended</c>.</param>
internal sealed record LetterAttempt(DateTimeOffset At, string ConnectionId, string Outcome)
{
    /// <summary>Most attempts that are kept with a letter: the last ones.</summary>
    public const int MaxKept = 50;

    public static LetterAttempt Of(DeliveryAttempt attempt, string connectionId) => new(attempt.At, connectionId, attempt.Outcome switch
    {
        DeliveryOutcome.Nacked => "nacked",
        DeliveryOutcome.Rejected => "rejected",
        _ => "timed_out",
    });

    public static LetterAttempt Of(ReaderEnd end) => new(end.At, end.ConnectionId, "connection_ended");

    public static string Write(IEnumerable<LetterAttempt> attempts) => JsonSerializer.Serialize(attempts.TakeLast(MaxKept), WireJson.Options);

    public static IReadOnlyList<LetterAttempt> Read(string json) => JsonSerializer.Deserialize<List<LetterAttempt>>(json, WireJson.Options) ?? [];
}
