using System.Diagnostics;

namespace VZaps.Client.Telemetry;

/// <summary>The span and the duration of one event's processing, where anybody listens.</summary>
internal struct ProcessSpan(Activity? activity, long startedAt, EventType type) : IDisposable
{
    private string? _error;

    public readonly Activity? Activity => activity;

    /// <summary>A handler threw.</summary>
    public void Fail(Exception thrown) => Fail(thrown.GetType().FullName ?? thrown.GetType().Name, thrown.Message);

    /// <summary>It ended in another way than it should.</summary>
    /// <param name="error">The kind, one of few.</param>
    /// <param name="description">For people; may be null.</param>
    public void Fail(string error, string? description = null)
    {
        _error = error;
        activity?.SetStatus(ActivityStatusCode.Error, description);
        activity?.SetTag(MessagingTags.ErrorType, error);
    }

    public readonly void Dispose()
    {
        if (startedAt != 0)
            Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds);
        SafeSpan.Stop(activity);
    }

    private readonly void Record(double seconds)
    {
        // No id among them: each has few values.
        var tags = new TagList
        {
            { MessagingTags.EventType, type.IsKnown ? type.Name : "other" },
            { MessagingTags.System, MessagingTags.SystemName },
            { MessagingTags.OperationName, MessagingTags.Process },
        };
        if (_error is not null)
            tags.Add(MessagingTags.ErrorType, _error);
        ClientTelemetry.ProcessDuration.Record(seconds, tags);
    }
}
