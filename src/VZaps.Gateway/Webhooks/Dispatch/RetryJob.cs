using System.Text.Json;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Webhooks;

/// <summary>How far a job has come. The numbers are in the database.</summary>
internal enum RetryJobState
{
    Running = 0,
    Done = 1,
}

/// <summary>A retry of all that a filter lets through.</summary>
/// <param name="Id">The job's id.</param>
/// <param name="State"><c>running</c> or <c>done</c>: all retries are asked for.</param>
/// <param name="Matched">Deliveries that the filter let through, and events that were never attempted.</param>
/// <param name="Asked">Of them, those whose retry was asked for.</param>
/// <param name="Skipped">Of them, those that cannot be retried: their endpoint was deleted, or has too many pending.</param>
/// <param name="Waiting">Retries that were asked for, by this job or otherwise, and are not attempted yet.</param>
/// <param name="Filter">Which.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="EndedAt">When it was done.</param>
internal sealed record RetryJobAnswer(
    string Id, string State, long Matched, long Asked, long Skipped, int Waiting, JsonElement Filter, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt)
{
    public static RetryJobAnswer Of(RetryJobRow row, int waiting) => new(
        row.Id,
        (RetryJobState)row.State == RetryJobState.Running ? "running" : "done",
        row.Matched,
        row.Asked,
        row.Skipped,
        waiting,
        JsonSerializer.Deserialize<JsonElement>(row.Filter),
        DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAtMilliseconds),
        row.EndedAtMilliseconds is { } ended ? DateTimeOffset.FromUnixTimeMilliseconds(ended) : null);
}

/// <summary>The refusals of the jobs' routes.</summary>
internal static class RetryJobProblems
{
    public static Problem NoFilter { get; } = new(400, "filter_required",
        "Without a filter every event would be delivered once more. Say which: 'status', 'http_status', 'event_id' or 'from', and 'endpoint', 'event_type' and 'to' beside them.");

    public static Problem Running(string id) => new(409, "retry_running",
        $"The job {id} of this instance is still running. Wait for its end: GET /instances/{{id}}/webhook/jobs/{id}.");

    public static Problem NotFound { get; } = new(404, "job_not_found", "The instance has no such job. Ended ones are forgotten after 7 days.");
}
