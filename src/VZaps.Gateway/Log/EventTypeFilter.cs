using Microsoft.Extensions.Primitives;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Log;

/// <summary>The filter that a client gives as <c>events</c> or <c>types</c>: comma-separated, repeated, or both.</summary>
internal static class EventTypeFilter
{
    /// <summary>Reads a filter; items are trimmed and empty ones ignored. Null where none is left, or <c>All</c> is among them.</summary>
    /// <exception cref="ProblemException">400: a name is not an event type.</exception>
    public static EventTypeSet? Read(StringValues values)
    {
        var types = new List<EventType>();
        foreach (var value in values)
        {
            foreach (var item in (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                types.Add(EventType.TryParseKnown(item, out var type) ? type : throw Unknown(item));
        }

        return types.Count == 0 || types.Contains(EventType.All) ? null : EventTypeSet.Of(types);
    }

    private static ProblemException Unknown(string given) => new Problem(400, "unknown_event_type",
        $"'{(given.Length <= 64 ? given : given[..64] + "…")}' is not an event type. Names are case-sensitive; use any of: {EventType.Names}, All.").ToException();
}
