using System.Text.Json;
using VZaps.Gateway.Outbound;

namespace VZaps.Gateway.Webhooks;

/// <summary>What a delivery becomes by an attempt. Pure.</summary>
internal static class DeliveryOutcome
{
    /// <summary>After an attempt of the schedule.</summary>
    /// <param name="row">The delivery before.</param>
    /// <param name="result">What came of the attempt.</param>
    /// <param name="schedule">When there is a next one.</param>
    /// <param name="isDeleted">Whether the endpoint is gone: then there is none.</param>
    /// <param name="now">The time.</param>
    /// <param name="random">From 0 to 1.</param>
    public static DeliveryRow After(DeliveryRow row, AttemptResult result, RetrySchedule schedule, bool isDeleted, DateTimeOffset now, double random)
    {
        var attempted = row with { Attempts = row.Attempts + 1, HttpStatus = result.HttpStatus, IsHeld = false };
        if (result.IsSuccess)
            return Settled(attempted, DeliveryStatus.Delivered, now);
        if (isDeleted)
            return Settled(attempted, DeliveryStatus.Cancelled, now);
        return schedule.Next(attempted.Attempts, now, result.RetryAfter, random) is { } next
            ? attempted with { Status = DeliveryStatus.Pending, NextAttemptAtMilliseconds = next.ToUnixTimeMilliseconds(), SettledAtMilliseconds = null }
            : Settled(attempted, DeliveryStatus.Failed, now);
    }

    /// <summary>After an attempt that somebody asked for: a success settles it, and a failure changes nothing of its schedule; where the endpoint is gone, there is none.</summary>
    public static DeliveryRow AfterManual(DeliveryRow row, AttemptResult result, bool isDeleted, DateTimeOffset now)
    {
        var attempted = row with { HttpStatus = result.HttpStatus, IsManual = false };
        if (result.IsSuccess)
            return Settled(attempted, DeliveryStatus.Delivered, now);
        return isDeleted && row.Status == DeliveryStatus.Pending ? Settled(attempted, DeliveryStatus.Cancelled, now) : attempted;
    }

    /// <summary>Its event is gone before it could be delivered.</summary>
    public static DeliveryRow Lost(DeliveryRow row, DateTimeOffset now) => row.Status == DeliveryStatus.Pending ? Settled(row, DeliveryStatus.Failed, now) : row;

    /// <summary>It waits for an earlier event of its chat.</summary>
    public static DeliveryRow Held(DeliveryRow row, DateTimeOffset until) =>
        row with { Status = DeliveryStatus.Pending, IsHeld = true, NextAttemptAtMilliseconds = until.ToUnixTimeMilliseconds() };

    /// <summary>The attempt as its log keeps it.</summary>
    public static AttemptRow Log(long deliveryId, AttemptResult result, bool isManual) => new()
    {
        DeliveryId = deliveryId,
        AtMilliseconds = result.At.ToUnixTimeMilliseconds(),
        DurationMilliseconds = (long)result.Duration.TotalMilliseconds,
        Url = result.Url,
        RequestHeaders = JsonSerializer.Serialize(result.RequestHeaders),
        HttpStatus = result.HttpStatus,
        Response = result.Response,
        Error = result.Error,
        IsManual = isManual,
    };

    private static DeliveryRow Settled(DeliveryRow row, DeliveryStatus status, DateTimeOffset now) =>
        row with { Status = status, NextAttemptAtMilliseconds = null, SettledAtMilliseconds = now.ToUnixTimeMilliseconds(), IsHeld = false };
}
