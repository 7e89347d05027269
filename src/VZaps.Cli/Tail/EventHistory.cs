using System.Text.Json;
using System.Text.Json.Serialization;
using VZaps.Cli.Gateways;

namespace VZaps.Cli.Tail;

/// <summary>Where the instance's log begins, by its history route.</summary>
internal sealed class EventHistory(InstanceApi api)
{
    /// <summary>The oldest retained event of some types after a place in the log; null where there is none.</summary>
    /// <param name="after">An event id; null for the beginning.</param>
    /// <param name="types">The types; null for all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="VZapsException">The gateway refused or was not reached.</exception>
    public async Task<TailEvent?> FirstAsync(string? after, IReadOnlyList<EventType>? types, CancellationToken cancellationToken)
    {
        var route = "events?limit=1";
        if (after is not null)
            route += $"&after={Uri.EscapeDataString(after)}";
        if (types is { Count: > 0 } && !types.Contains(EventType.All))
            route += $"&types={Uri.EscapeDataString(string.Join(',', types))}";
        var page = await api.SendAsync(HttpMethod.Get, route, null, HistoryJson.Default.HistoryPage, cancellationToken);
        return page.Events.Count == 0 ? null : TailEvent.Of(page.Events[0]);
    }
}

/// <summary>A page of the log.</summary>
internal sealed record HistoryPage(IReadOnlyList<JsonElement> Events);

/// <summary>Source-generated JSON of the history.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, MaxDepth = InstanceApi.MaxDepth)]
[JsonSerializable(typeof(HistoryPage))]
internal sealed partial class HistoryJson : JsonSerializerContext;
