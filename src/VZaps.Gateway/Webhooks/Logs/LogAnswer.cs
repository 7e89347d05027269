using System.Text.Json;

namespace VZaps.Gateway.Webhooks;

/// <summary>The delivery of one event to one endpoint.</summary>
/// <param name="Id">The log's id.</param>
/// <param name="EventId">The event.</param>
/// <param name="EventType">Its type.</param>
/// <param name="Endpoint">The endpoint's name.</param>
/// <param name="Status"><c>pending</c>, <c>delivered</c>, <c>failed</c> or <c>cancelled</c>.</param>
/// <param name="HttpStatus">The HTTP status of the last attempt; null where none was answered.</param>
/// <param name="CreatedAt">When the delivery began.</param>
/// <param name="NextAttemptAt">When a pending one is tried again.</param>
/// <param name="SettledAt">When it was delivered, failed or was cancelled.</param>
/// <param name="Held">Whether it waits for an earlier event of its chat.</param>
/// <param name="RetryAsked">Whether a retry was asked for that was not attempted yet.</param>
/// <param name="Attempts">All attempts, oldest first.</param>
internal record LogAnswer(
    string Id,
    string EventId,
    string EventType,
    string Endpoint,
    string Status,
    int? HttpStatus,
    DateTimeOffset CreatedAt,
    DateTimeOffset? NextAttemptAt,
    DateTimeOffset? SettledAt,
    bool Held,
    bool RetryAsked,
    IReadOnlyList<AttemptAnswer> Attempts)
{
    public static LogAnswer Of(FoundLog log) => new(
        LogId.ToText(log.Delivery.Id),
        log.Delivery.EventId,
        VZaps.EventType.Known[log.Delivery.TypeIndex].Name,
        log.Endpoint.Name,
        DeliveryStatuses.NameOf(log.Delivery.Status),
        log.Delivery.HttpStatus,
        LogId.CreatedAt(log.Delivery.Id),
        Time(log.Delivery.NextAttemptAtMilliseconds),
        Time(log.Delivery.SettledAtMilliseconds),
        log.Delivery.IsHeld,
        log.Delivery.IsManual,
        [.. log.Attempts.Select(AttemptAnswer.Of)]);

    private static DateTimeOffset? Time(long? milliseconds) => milliseconds is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
}

/// <summary>One attempt to post an event.</summary>
/// <param name="Time">When it began.</param>
/// <param name="DurationMs">How long it took, in milliseconds.</param>
/// <param name="HttpStatus">The HTTP status of the answer; null where there was none.</param>
/// <param name="Response">The first 4 KiB of the answer; null where there was none.</param>
/// <param name="Error">Why it was no success; null where it was one.</param>
/// <param name="Manual">Whether somebody asked for it.</param>
internal sealed record AttemptAnswer(DateTimeOffset Time, long DurationMs, int? HttpStatus, string? Response, string? Error, bool Manual)
{
    public static AttemptAnswer Of(AttemptRow row) => new(
        DateTimeOffset.FromUnixTimeMilliseconds(row.AtMilliseconds), row.DurationMilliseconds, row.HttpStatus, row.Response, row.Error, row.IsManual);
}

/// <summary>A log with what was sent.</summary>
internal sealed record WholeLogAnswer : LogAnswer
{
    public WholeLogAnswer(LogAnswer log, LogRequestAnswer? request)
        : base(log) => Request = request;

    /// <summary>What the last attempt sent; null before the first.</summary>
    public LogRequestAnswer? Request { get; }
}

/// <summary>What an attempt sent.</summary>
/// <param name="Url">Where to.</param>
/// <param name="Headers">Its headers; values that the user set are redacted.</param>
/// <param name="Body">Its body; null where the event is kept no longer.</param>
internal sealed record LogRequestAnswer(string Url, JsonElement Headers, JsonElement? Body)
{
    public static LogRequestAnswer? Of(FoundLog log, Envelope? envelope)
    {
        if (log.Attempts is not [.., var last])
            return null;
        JsonElement? body = envelope is { } found ? JsonSerializer.Deserialize<JsonElement>(found.Utf8.Span) : null;
        if (log.Endpoint.BodyKind == WebhookBodyKind.Data)
            body = body?.GetProperty("data");
        return new LogRequestAnswer(last.Url, JsonSerializer.Deserialize<JsonElement>(last.RequestHeaders), body);
    }
}

/// <summary>A page of logs, newest first.</summary>
/// <param name="Page">The page; 1 where it was asked for by <c>after</c>.</param>
/// <param name="Size">Logs a page.</param>
/// <param name="Total">How many match; null where the page was asked for by <c>after</c>.</param>
/// <param name="TotalPages">How many pages they are; null with <paramref name="Total"/>.</param>
/// <param name="Content">The logs.</param>
/// <param name="NextAfter">Give it as <c>after</c> for the next page; null on the last one.</param>
internal sealed record LogPageAnswer(int Page, int Size, long? Total, long? TotalPages, IReadOnlyList<LogAnswer> Content, string? NextAfter)
{
    public static LogPageAnswer Of(FoundLogs found, LogPlace place) => new(
        place.Page,
        place.Size,
        found.Total,
        (found.Total + place.Size - 1) / place.Size,
        [.. found.Logs.Select(LogAnswer.Of)],
        found.HasMore ? LogId.ToText(found.Logs[^1].Delivery.Id) : null);
}
