using System.Runtime.CompilerServices;

namespace VZaps.Client.Media;

/// <summary>The gateway's routes for files, below its base address.</summary>
internal static class MediaRoutes
{
    private const string EventIdPrefix = "evt_";

    /// <summary>Where a new link of an event's file is asked for; null where the event does not say enough.</summary>
    /// <remarks>What an event says may be somebody else's word, and a call with credentials goes there: nothing of it leads out of the instance's routes.</remarks>
    public static string? Renewal(string instanceId, string mediaId, string eventId)
    {
        if (!IsSegment(instanceId))
            return null;
        // By the file's own id it can be had for longer than its event is retained.
        return IsSegment(mediaId) ? Item(instanceId, mediaId) : IsSegment(eventId) ? OfEvent(instanceId, eventId) : null;
    }

    /// <summary>Whether ids lead to where they are to lead; what a caller has may be somebody else's word, too.</summary>
    /// <exception cref="ArgumentException">It is empty, or would lead to another route.</exception>
    public static void Require(string? id, [CallerArgumentExpression(nameof(id))] string? parameterName = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(id, parameterName);
        if (!IsSegment(id))
            throw new ArgumentException($"'{id}' is no id.", parameterName);
    }

    /// <summary>One file, by its own id or by its event's.</summary>
    public static string Find(string instanceId, string id) => IsEvent(id) ? OfEvent(instanceId, id) : Item(instanceId, id);

    public static string All(string instanceId) => $"/instances/{Uri.EscapeDataString(instanceId)}/media";

    public static string FetchAll(string instanceId) => All(instanceId) + "/fetch";

    /// <summary>Beside the instances' routes: a media id is enough to find the instance.</summary>
    public static string Fetch(string mediaId) => $"/media/{Uri.EscapeDataString(mediaId)}/fetch";

    private static bool IsEvent(string id) => id.StartsWith(EventIdPrefix, StringComparison.Ordinal);

    private static string Item(string instanceId, string mediaId) => $"{All(instanceId)}/{Uri.EscapeDataString(mediaId)}";

    private static string OfEvent(string instanceId, string eventId) => $"/instances/{Uri.EscapeDataString(instanceId)}/events/{Uri.EscapeDataString(eventId)}/media";

    // Dots are not escaped, and an address takes them for the way up.
    private static bool IsSegment(string text) => text is not ("" or "." or "..");
}
