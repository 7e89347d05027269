using System.Text.Json.Serialization;

namespace VZaps.Cli.Consumers;

/// <summary>A consumer as the gateway describes it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Position">The event where it stands; null before the first.</param>
/// <param name="Lag">Events that wait for it.</param>
/// <param name="LagSeconds">How long the oldest of them has been in the log, in seconds.</param>
/// <param name="Types">The types that it reads.</param>
/// <param name="Connections">Its live connections.</param>
/// <param name="WindowFullSince">Since when nothing more can be sent to one of them for want of acks.</param>
/// <param name="LastGap">The last time that retention was faster.</param>
/// <param name="DeadLetters">How many dead letters it has.</param>
internal sealed record Consumer(
    string Name,
    string? Position,
    long Lag,
    double LagSeconds,
    IReadOnlyList<string>? Types,
    IReadOnlyList<ConsumerConnection>? Connections,
    DateTimeOffset? WindowFullSince,
    ConsumerGap? LastGap,
    long DeadLetters);

/// <summary>A live connection of a consumer.</summary>
internal sealed record ConsumerConnection(
    string Id,
    string? Address,
    string? UserAgent,
    DateTimeOffset ConnectedAt,
    IReadOnlyList<string>? Types,
    bool Extension,
    int Open,
    int Window,
    DateTimeOffset? WindowFullSince,
    long Sent,
    long Acked);

/// <summary>Events that retention removed before the consumer had them.</summary>
internal sealed record ConsumerGap(string? From, string? To, long Events, string? Reason, DateTimeOffset At);

/// <summary>Where to move a consumer: one of the three.</summary>
/// <param name="EventId">It goes on after this event.</param>
/// <param name="Time">It goes on with the first event appended at or after this time, RFC 3339.</param>
/// <param name="To"><c>start</c> or <c>end</c>.</param>
internal sealed record Seek(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? EventId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Time,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? To);

/// <summary>The gateway's word that a consumer is gone.</summary>
internal sealed record Forgotten(string Name);
