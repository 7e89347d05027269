using System.Text.Json;
using System.Text.Json.Serialization;

namespace VZaps;

/// <summary>What became of one event, at every webhook endpoint and every consumer.</summary>
public sealed record EventDeliveries
{
    /// <summary>The event.</summary>
    public string EventId { get => field ?? ""; init; }

    /// <summary>Its type; null where nothing is left that knows it.</summary>
    public EventType? EventType { get; init; }

    /// <summary>When it came into the log; null where the server did not say.</summary>
    public DateTimeOffset? AppendedAt { get; init; }

    /// <summary>Whether the log still has it.</summary>
    public bool Retained { get; init; }

    /// <summary>What became of it at each webhook endpoint.</summary>
    public IReadOnlyList<EndpointDelivery> Endpoints { get => field ?? []; init; }

    /// <summary>What became of it at each consumer.</summary>
    public IReadOnlyList<ConsumerDelivery> Consumers { get => field ?? []; init; }

    /// <summary>What else the server said, for servers newer than this library.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}

/// <summary>What became of an event at a webhook endpoint.</summary>
public sealed record EndpointDelivery
{
    /// <summary>The endpoint's name.</summary>
    public string Endpoint { get => field ?? ""; init; }

    /// <summary>By the server's word: the status of a log, or why there is none, such as <c>filtered</c> or <c>not_read</c>.</summary>
    public string? Status { get; init; }

    /// <summary>The same in words.</summary>
    public string? Detail { get; init; }

    /// <summary>Its log; null where there is none.</summary>
    public string? LogId { get; init; }

    /// <summary>How many attempts there were.</summary>
    public int Attempts { get; init; }

    /// <summary>The HTTP status of the last one; null where none was answered.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>Where the last one went; null where there was none.</summary>
    public string? Url { get; init; }

    /// <summary>When it was delivered; null where it was not.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>When it is tried again; null where it is not.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>What else the server said, for servers newer than this library.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}

/// <summary>What became of an event at a consumer.</summary>
public sealed record ConsumerDelivery
{
    /// <summary>The consumer's name.</summary>
    public string Consumer { get => field ?? ""; init; }

    /// <summary>By the server's word, such as <c>acked</c>, <c>unacked</c>, <c>dead</c>, <c>filtered</c> or <c>not_read</c>.</summary>
    public string? Status { get; init; }

    /// <summary>The same in words.</summary>
    public string? Detail { get; init; }

    /// <summary>The live connections on which it is out.</summary>
    public IReadOnlyList<string> Connections { get => field ?? []; init; }

    /// <summary>Why it is a dead letter; null where it is none.</summary>
    public string? Reason { get; init; }

    /// <summary>Since when; null where it is none.</summary>
    public DateTimeOffset? DiedAt { get; init; }

    /// <summary>When somebody asked for it again; null where nobody did.</summary>
    public DateTimeOffset? RedeliveredAt { get; init; }

    /// <summary>What else the server said, for servers newer than this library.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}
