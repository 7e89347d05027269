using VZaps.Gateway.Http;

namespace VZaps.Gateway.Webhooks;

/// <summary>The refusals of the logs' routes.</summary>
internal static class LogProblems
{
    public static Problem InvalidStatus(string given) => new(400, "invalid_status",
        $"'{EndpointProblems.Shown(given)}' is no status of a delivery. Use one of: {DeliveryStatuses.AllNames}.");

    public static Problem InvalidHttpStatus(int given) => new(400, "invalid_http_status", $"'http_status' is {given}; give 100 to 599.");

    public static Problem UnknownEventType(string given) => new(400, "unknown_event_type",
        $"'{EndpointProblems.Shown(given)}' is not an event type. Names are case-sensitive; use one of: {EventType.Names}, All.");

    public static Problem UnknownEvent(string given) => new(400, "unknown_event", $"{EndpointProblems.Shown(given)} was never an event of this instance.");

    public static Problem InvalidRange { get; } = new(400, "invalid_range", "'from' is not before 'to'. A log is between them if its created_at is at or after 'from' and before 'to'.");

    public static Problem InvalidPage(int page, int size) => new(400, "invalid_page",
        $"page {page} of size {size} cannot be given: pages count from 1, and size is 1 to {LogSearchRequest.MaxSize}.");

    public static Problem PageWithAfter { get; } = new(400, "invalid_page", "Give 'after' or a 'page' beyond the first, not both.");

    public static Problem InvalidLogId(string parameter) => new(400, "invalid_log_id",
        $"{parameter} is not a log's id: whl_ and 13 characters, as in the 'id' of a log.");

    public static Problem NotFound(string id) => new(404, "log_not_found",
        $"The instance has no log {EndpointProblems.Shown(id)}. Old ones are removed: see Webhooks:LogRetentionAge, LogRetentionCount and LogRetentionBytes.");

    public static Problem EndpointDeleted(string name) => new(409, "webhook_deleted",
        $"The webhook endpoint '{name}' of this log was deleted, so there is nowhere to deliver it to. One that has the name now is another.");

    public static Problem EventGone(string eventId) => new(409, "event_gone",
        $"Event {eventId} is kept neither with its log nor in the event log any more. See Webhooks:LogRetentionBytes and Log:RetentionAge.");
}
