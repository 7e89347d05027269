namespace VZaps.Gateway.Log.Segments;

/// <summary>
/// Whether the log can be written: it is, it has no room for now, or it has stopped for good. The writer sets it, anybody reads it.
/// </summary>
internal sealed partial class Writability(ILogger logger)
{
    public const string NoRoomOnDisk = "There is no room on the disk for the log. Nothing was stored; it is tried again with each publish.";

    private volatile string? _stopped;
    private volatile string? _full;

    /// <summary>Why nothing can be written now, in words for an operator; null while it can.</summary>
    public string? Reason => _stopped ?? _full;

    /// <summary>Why nothing is written any more before the next start; null while writing may be tried.</summary>
    public string? Stopped => _stopped;

    /// <summary>Whether the last try found no room.</summary>
    public bool IsFull => _full is not null;

    /// <summary>The refusal that fits.</summary>
    public Exception Refusal() =>
        _stopped is { } stopped ? new EventLogUnavailableException(stopped) : new EventLogFullException(_full ?? "There is no room in the log. Nothing was stored.");

    /// <summary>After a failed write or flush nobody knows what the disk holds: nothing is written any more, and never again is that file flushed and believed.</summary>
    public EventLogUnavailableException Stop(Exception failure)
    {
        _stopped ??= $"A write to the log failed ({failure.Message}), so it is not known what the disk holds. Nothing is written until the gateway is started again; reading goes on.";
        LogStopped(logger, failure);
        return new EventLogUnavailableException(_stopped, failure);
    }

    /// <summary>There is no room, and nothing of what was to be written is kept; the next publish tries again.</summary>
    public EventLogFullException NoRoom(string reason, Exception? failure = null)
    {
        // Once, and not for each of the publishes that are refused meanwhile.
        if (_full is null)
            LogNoRoom(logger, failure, reason);
        _full = reason;
        return new EventLogFullException(reason, failure);
    }

    /// <summary>There is room.</summary>
    public void HasRoom()
    {
        if (_full is null)
            return;
        _full = null;
        LogRoomAgain(logger);
    }

    [LoggerMessage(2011, LogLevel.Error, "A write to the log failed. Publishes are refused until the gateway is started again; look at the disk first.")]
    private static partial void LogStopped(ILogger logger, Exception failure);

    [LoggerMessage(2012, LogLevel.Error, "The log has no room: {Reason} Publishes are refused until there is; make room on the disk, or lower Log:RetentionBytes.")]
    private static partial void LogNoRoom(ILogger logger, Exception? failure, string reason);

    [LoggerMessage(2014, LogLevel.Information, "The log has room again; publishes are taken.")]
    private static partial void LogRoomAgain(ILogger logger);
}
