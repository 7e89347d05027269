using System.Text.Json;
using System.Text.Json.Serialization;

namespace VZaps;

/// <summary>A page of the account's instances.</summary>
public sealed record InstancePage
{
    /// <summary>The page, from 1.</summary>
    public int Page { get; init; }

    /// <summary>Instances a page.</summary>
    public int Size { get; init; }

    /// <summary>Instances on all pages.</summary>
    public int Total { get; init; }

    /// <summary>How many pages there are.</summary>
    public int TotalPages { get; init; }

    /// <summary>The instances of this page.</summary>
    public IReadOnlyList<VZapsInstance> Content { get => field ?? []; init; }

    /// <summary>What the server says of all of them together; an undefined element where it says nothing.</summary>
    public JsonElement Summary { get; init; }

    /// <summary>What else the server said, for servers newer than this library.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}
