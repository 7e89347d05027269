using System.Text.Json;
using System.Text.Json.Serialization;

namespace VZaps;

/// <summary>A page of an instance's files.</summary>
public sealed record MediaPage
{
    /// <summary>The files, the newest first.</summary>
    public IReadOnlyList<MediaItem> Items { get => field ?? []; init; }

    /// <summary>The next page's <see cref="ListMediaRequest.After"/>; null where there is none.</summary>
    public string? NextAfter { get; init; }

    /// <summary>Whether there is one.</summary>
    public bool HasMore { get; init; }

    /// <summary>What else the server said, for servers newer than this library.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}

/// <summary>Which of an instance's files.</summary>
public sealed record ListMediaRequest
{
    /// <summary>Only those that stand so; null or empty for all.</summary>
    public IReadOnlyList<MediaStatus>? Statuses { get; init; }

    /// <summary>Only what is older than the file of this id; null to begin with the newest.</summary>
    public string? After { get; init; }

    /// <summary>Files a page.</summary>
    /// <value>Default 100; 1 to 1,000.</value>
    public int Limit { get; init; } = 100;
}

/// <summary>How many files are fetched again.</summary>
internal sealed record FetchedAgain(int Again);
