using VZaps.Gateway.Instances;

namespace VZaps.Gateway.Webhooks;

/// <summary>What became of an event at a webhook endpoint, by its log and, without one, by where the endpoint stands. Pure.</summary>
internal static class EndpointFate
{
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="instance">Its instance.</param>
    /// <param name="sequence">The event.</param>
    /// <param name="typeIndex">Its type; null where it is not known any more.</param>
    /// <param name="log">Its log; null for none.</param>
    /// <returns>Null where a deleted one never had anything to do with it.</returns>
    public static EndpointDeliveryAnswer? Of(EndpointRow endpoint, Instance instance, long sequence, int? typeIndex, FoundLog? log)
    {
        if (log is not null)
            return OfLog(endpoint, log);
        if (endpoint.DeletedAtMilliseconds is not null)
            return null;
        var types = endpoint.Types is { } bits ? EventTypeSet.FromBits(bits) : instance.SubscribedEvents;
        if (sequence <= endpoint.FirstPosition)
            return new(endpoint.Name, "before_endpoint", "The endpoint was made after this event: a new one begins at the log's end.");
        if (typeIndex is { } type && !types.Contains(type))
            return new(endpoint.Name, "filtered", $"The endpoint takes {(types.IsEmpty ? "no events" : types.ToString())}, and not {EventType.Known[type].Name}.");
        if (sequence > endpoint.Position)
            return new(endpoint.Name, "not_read", NotRead(endpoint));
        return new(endpoint.Name, "unknown",
            "The endpoint has passed this event, and there is no log of it: retention removed it, or the endpoint took other events then.");
    }

    private static EndpointDeliveryAnswer OfLog(EndpointRow endpoint, FoundLog log)
    {
        var (row, answer) = (log.Delivery, LogAnswer.Of(log));
        return new EndpointDeliveryAnswer(
            endpoint.Name,
            answer.Status,
            Detail(endpoint, row),
            answer.Id,
            log.Attempts.Count,
            row.HttpStatus,
            log.Attempts is [.., var last] ? last.Url : endpoint.Url,
            row.Status == DeliveryStatus.Delivered ? answer.SettledAt : null,
            answer.NextAttemptAt);
    }

    private static string Detail(EndpointRow endpoint, DeliveryRow row) => row switch
    {
        { Status: DeliveryStatus.Delivered } => "The endpoint took it.",
        { Status: DeliveryStatus.Failed } => "All attempts failed. Its log says why, and retries it.",
        { Status: DeliveryStatus.Cancelled } => "The endpoint was deleted before it took the event.",
        { IsHeld: true } => "It waits for an earlier event of its chat, which fails.",
        _ when !endpoint.IsEnabled => "Its last attempt failed, and it waits until the endpoint is enabled again.",
        _ => "Its last attempt failed, and it is tried again.",
    };

    private static string NotRead(EndpointRow endpoint) => endpoint switch
    {
        { Url: null } => "The endpoint has no URL.",
        { IsEnabled: false, DisabledReason: { } reason } => $"The endpoint is disabled ({reason}) and goes on from where it stands when it is enabled.",
        { IsEnabled: false } => "The endpoint is disabled and goes on from where it stands when it is enabled.",
        _ => "The endpoint has not come to this event yet, or its first attempt is under way.",
    };
}
