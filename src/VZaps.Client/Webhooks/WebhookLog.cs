using System.Collections.ObjectModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VZaps;

/// <summary>The delivery of one event to one endpoint, with its attempts.</summary>
public sealed record WebhookLog
{
    /// <summary>The log's id.</summary>
    public string Id { get => field ?? ""; init; }

    /// <summary>The event.</summary>
    public string EventId { get => field ?? ""; init; }

    /// <summary>The event's type.</summary>
    public EventType EventType { get; init; }

    /// <summary>The endpoint's name; null where the server did not say.</summary>
    public string? Endpoint { get; init; }

    /// <summary>What became of it, by the server's word; null where it did not say.</summary>
    public string? Status { get; init; }

    /// <summary>The HTTP status of the last attempt; null where none was answered.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>When the delivery began; null where the server did not say.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When it is tried again; null where it is not, or the server did not say.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>When it was delivered, failed or was cancelled; null where it is pending, or the server did not say.</summary>
    public DateTimeOffset? SettledAt { get; init; }

    /// <summary>Whether it waits for an earlier event of its chat, where the order is <c>chat</c>.</summary>
    public bool Held { get; init; }

    /// <summary>Whether a retry was asked for that was not attempted yet.</summary>
    public bool RetryAsked { get; init; }

    /// <summary>Every attempt; a list of logs may leave them out.</summary>
    public IReadOnlyList<WebhookAttempt> Attempts { get => field ?? []; init; }

    /// <summary>What the last attempt sent; null in a list of logs, and before the first attempt.</summary>
    public WebhookLogRequest? Request { get; init; }

    /// <summary>What else the server said, for servers newer than this library.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}

/// <summary>What an attempt sent.</summary>
public sealed record WebhookLogRequest
{
    /// <summary>Where to.</summary>
    public string Url { get => field ?? ""; init; }

    /// <summary>The headers; the values of those that you set are not shown.</summary>
    public IReadOnlyDictionary<string, string> Headers { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>The body; null where the event is kept no longer.</summary>
    public JsonElement? Body { get; init; }

    /// <summary>What else the server said, for servers newer than this library.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}

/// <summary>One attempt to post an event.</summary>
public sealed record WebhookAttempt
{
    /// <summary>When; null where the server did not say.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>How long it took, in milliseconds; null where the server did not say.</summary>
    public long? DurationMs { get; init; }

    /// <summary>The HTTP status of the answer; null where there was none.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>The first 4 KiB of the answer; null where there was none.</summary>
    public string? Response { get; init; }

    /// <summary>Why there was no answer, or why it was no success; null where there is nothing to say.</summary>
    public string? Error { get; init; }

    /// <summary>Whether somebody asked for it.</summary>
    public bool Manual { get; init; }

    /// <summary>What else the server said, for servers newer than this library.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}

/// <summary>A page of delivery logs.</summary>
public sealed record WebhookLogPage
{
    /// <summary>The page, from 1.</summary>
    public int Page { get; init; }

    /// <summary>Logs a page.</summary>
    public int Size { get; init; }

    /// <summary>Logs on all pages; null where the server did not count them.</summary>
    public long? Total { get; init; }

    /// <summary>How many pages there are; null where the server did not count them.</summary>
    public int? TotalPages { get; init; }

    /// <summary>The logs of this page.</summary>
    public IReadOnlyList<WebhookLog> Content { get => field ?? []; init; }

    /// <summary>Give it as <see cref="WebhookLogSearch.After"/> for the next page; null on the last one.</summary>
    public string? NextAfter { get; init; }

    /// <summary>What else the server said, for servers newer than this library.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}
