using System.Text.Json;
using System.Text.Json.Serialization;

namespace VZaps;

/// <summary>Which delivery logs; what is null does not narrow.</summary>
public sealed record WebhookLogSearch
{
    /// <summary>What became of the delivery, by the server's word.</summary>
    public string? Status { get; init; }

    /// <summary>The HTTP status of the last attempt.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>The endpoint's name, such as <c>default</c>.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The event's type.</summary>
    public EventType? EventType { get; init; }

    /// <summary>The event.</summary>
    public string? EventId { get; init; }

    /// <summary>Not older than this.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Older than this.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>The page, from 1.</summary>
    public int Page { get; init; } = 1;

    /// <summary>Logs a page, 1 to 200.</summary>
    public int Size { get; init; } = 50;

    /// <summary>The id of a log to go on after, in place of a page's number.</summary>
    public string? After { get; init; }

    /// <summary>Further fields, sent as they are, for servers newer than this library.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}
