using System.Text.Json;
using System.Text.Json.Serialization;

namespace VZaps;

/// <summary>What became of published events; they are durable.</summary>
public sealed record PublishResult
{
    /// <summary>The events' ids, in the order of the request.</summary>
    public IReadOnlyList<string> Ids { get => field ?? []; init; }

    /// <summary>The places in the request, from 0, of events that were there already by their idempotency key.</summary>
    public IReadOnlyList<int> Duplicates { get => field ?? []; init; }

    /// <summary>What else the server said, for servers newer than this library.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}
