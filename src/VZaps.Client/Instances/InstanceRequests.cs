using System.Text.Json;
using System.Text.Json.Serialization;

namespace VZaps;

/// <summary>A new instance.</summary>
public sealed record CreateInstanceRequest
{
    /// <summary>Its name, 3 to 255 characters. Required.</summary>
    public string Name { get; init; } = "";

    /// <summary>Where its events are posted to; null for nowhere.</summary>
    public string? Webhook { get; init; }

    /// <summary>What subscriptions without a list of types receive; null for all types.</summary>
    public IReadOnlyList<EventType>? EventsSubscribe { get; init; }

    /// <summary>Names and values of your own.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Further fields, sent as they are, for servers newer than this library.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}

/// <summary>A change of an instance; what is null stays as it is.</summary>
public sealed record UpdateInstanceRequest
{
    /// <summary>Its new name, 3 to 255 characters.</summary>
    public string? Name { get; init; }

    /// <summary>Where its events are posted to from now on.</summary>
    public string? Webhook { get; init; }

    /// <summary>What subscriptions without a list of types receive from now on.</summary>
    public IReadOnlyList<EventType>? EventsSubscribe { get; init; }

    /// <summary>Names and values of your own; they replace those that it has.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Further fields, sent as they are, for servers newer than this library.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}

/// <summary>Which page of the account's instances.</summary>
public sealed record ListInstancesRequest
{
    /// <summary>The page, from 1.</summary>
    public int Page { get; init; } = 1;

    /// <summary>Instances a page, 1 to 200.</summary>
    public int Size { get; init; } = 50;

    /// <summary>Which instances; null for all.</summary>
    public InstanceFilter? Filter { get; init; }

    /// <summary>The field to sort by, such as <c>name</c>; null for the server's order.</summary>
    public string? Sort { get; init; }

    /// <summary>Whether the order is descending.</summary>
    public bool SortDesc { get; init; }
}

/// <summary>Which instances a list has.</summary>
public sealed record InstanceFilter
{
    /// <summary>Text that is looked for in name and id.</summary>
    public string? Query { get; init; }
}

/// <summary>The body of a request for one instance.</summary>
internal sealed record InstanceIdBody(string Id);
