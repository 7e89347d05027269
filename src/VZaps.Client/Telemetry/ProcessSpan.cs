using System.Diagnostics;

namespace VZaps.Client.Telemetry;

/// <summary>The span and the duration of one event's processing, where anybody listens.</summary>
internal readonly struct ProcessSpan(Activity? activity, long startedAt, EventType type) : IDisposable
{
    /// <summary>A handler threw.</summary>
    public void Fail(Exception thrown)
    {
        activity?.SetStatus(ActivityStatusCode.Error, thrown.Message);
        activity?.SetTag(MessagingTags.ErrorType, thrown.GetType().FullName);
    }

    public void Dispose()
    {
        if (startedAt != 0)
            ClientTelemetry.ProcessDuration.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds, new KeyValuePair<string, object?>(MessagingTags.EventType, type.IsKnown ? type.Name : "other"));
        activity?.Dispose();
    }
}
