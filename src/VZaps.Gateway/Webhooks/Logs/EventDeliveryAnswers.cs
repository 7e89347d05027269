namespace VZaps.Gateway.Webhooks;

/// <summary>What became of one event, everywhere.</summary>
/// <param name="EventId">The event.</param>
/// <param name="EventType">Its type; null where nothing is left that knows it.</param>
/// <param name="AppendedAt">When it came into the log.</param>
/// <param name="Retained">Whether the log still has it.</param>
/// <param name="Endpoints">What became of it at each webhook endpoint.</param>
/// <param name="Consumers">What became of it at each consumer.</param>
internal sealed record EventDeliveriesAnswer(
    string EventId,
    string? EventType,
    DateTimeOffset AppendedAt,
    bool Retained,
    IReadOnlyList<EndpointDeliveryAnswer> Endpoints,
    IReadOnlyList<ConsumerDeliveryAnswer> Consumers);

/// <summary>What became of an event at a webhook endpoint.</summary>
/// <param name="Endpoint">The endpoint's name.</param>
/// <param name="Status">A log's status, or <c>filtered</c>, <c>not_read</c>, <c>before_endpoint</c> or <c>unknown</c>.</param>
/// <param name="Detail">The same in words.</param>
/// <param name="LogId">Its log; null where there is none.</param>
/// <param name="Attempts">How many attempts there were, manual ones included.</param>
/// <param name="HttpStatus">The HTTP status of the last one.</param>
/// <param name="Url">Where the last one went.</param>
/// <param name="DeliveredAt">When it was delivered.</param>
/// <param name="NextAttemptAt">When a pending one is tried again.</param>
internal sealed record EndpointDeliveryAnswer(
    string Endpoint,
    string Status,
    string Detail,
    string? LogId = null,
    int Attempts = 0,
    int? HttpStatus = null,
    string? Url = null,
    DateTimeOffset? DeliveredAt = null,
    DateTimeOffset? NextAttemptAt = null);

/// <summary>What became of an event at a consumer.</summary>
/// <param name="Consumer">The consumer's name.</param>
/// <param name="Status"><c>acked</c>, <c>unacked</c>, <c>dead</c>, <c>filtered</c>, <c>not_read</c> or <c>unknown</c>.</param>
/// <param name="Detail">The same in words.</param>
/// <param name="Connections">The live connections on which it is out.</param>
/// <param name="Reason">Why it is dead.</param>
/// <param name="DiedAt">Since when.</param>
/// <param name="RedeliveredAt">When somebody asked for it again.</param>
internal sealed record ConsumerDeliveryAnswer(
    string Consumer,
    string Status,
    string Detail,
    IReadOnlyList<string> Connections,
    string? Reason = null,
    DateTimeOffset? DiedAt = null,
    DateTimeOffset? RedeliveredAt = null);
