using System.Text.Json;
using System.Text.Json.Serialization;

namespace VZaps;

/// <summary>A retry of all deliveries that a filter lets through, and how far it has come.</summary>
public sealed record WebhookRetryJob
{
    /// <summary>The job's id.</summary>
    public string Id { get => field ?? ""; init; }

    /// <summary>By the server's word: <c>running</c>, or <c>done</c> when all retries are asked for.</summary>
    public string? State { get; init; }

    /// <summary>When it began; null where the server did not say.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When it ended; null while it has not.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Deliveries that the filter let through so far.</summary>
    public long Matched { get; init; }

    /// <summary>Of them, those that are delivered again.</summary>
    public long Asked { get; init; }

    /// <summary>Of them, those that cannot be: their event or their endpoint is gone.</summary>
    public long Skipped { get; init; }

    /// <summary>Retries of the instance that were asked for, by this job or otherwise, and are not attempted yet.</summary>
    public long Waiting { get; init; }

    /// <summary>What else the server said, for servers newer than this library.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}
