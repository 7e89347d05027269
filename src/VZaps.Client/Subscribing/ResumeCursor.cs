using Microsoft.Extensions.Logging;
using VZaps.Client.Realtime;

namespace VZaps.Client.Subscribing;

/// <summary>
/// Which cursor a handshake sends. It is decided before anybody knows who answers: in a rolling deployment a server without the extension may
/// follow one with it.
/// <list type="bullet">
/// <item>The first connection: the user's <c>LastEventId</c>.</item>
/// <item>Until a server has agreed to the extension: the low-water mark of what was handled.</item>
/// <item>After that: none. What the consumer owes is the server's account, which is exact where a mark is not: a cursor would send what it has passed, and
/// was nacked or is another connection's, to the dead letters. If the server then turns out to be a plain one, its account is as good.</item>
/// <item>Yet the mark, where that account does not hold it: for <c>ephemeral</c>, which has none, and while a <c>LastEventId</c> replays
/// what the consumer had read before, as events behind its head are not owed again and a cut would lose the rest of the replay.</item>
/// </list>
/// </summary>
/// <remarks>Not thread-safe: it belongs to the loop that connects.</remarks>
/// <param name="mark">What was handled.</param>
/// <param name="replays">Whether it begins with a <c>LastEventId</c>.</param>
/// <param name="isEphemeral">Whether the consumer has no position at the server.</param>
/// <param name="hasStore">Whether the user keeps a position, too.</param>
/// <param name="logger">Where a failed event that is passed is reported.</param>
internal sealed partial class ResumeCursor(HandledMark mark, bool replays, bool isEphemeral, bool hasStore, ILogger logger)
{
    /// <summary>The server's time of the opening is cut to the second.</summary>
    private static readonly TimeSpan ClockGrain = TimeSpan.FromSeconds(1);

    private int? _moves;
    private bool _wasOpen;
    private bool _isAccounted;
    private DateTimeOffset? _firstOpenedAt;

    /// <summary>The cursor of the next handshake; null for none.</summary>
    public string? Next()
    {
        var cursor = mark.Cursor(out var released);
        if (_isAccounted && !isEphemeral && !(replays && IsReplaying(cursor)))
            return null;
        if (released > 0)
            LogReleased(logger, released, HandledMark.LongestHold);
        return cursor;
    }

    /// <summary>A handshake succeeded.</summary>
    public void Opened(RealtimeConnection connection)
    {
        if (connection.IsExtended && !_isAccounted && hasStore && !isEphemeral)
            LogTwoPositions(logger);
        _isAccounted |= connection.IsExtended;
        if (!_wasOpen)
            _firstOpenedAt = connection.OpenedAt;
        _wasOpen = true;
    }

    /// <summary>The server said where an open connection begins.</summary>
    /// <param name="resumedAfter">After which event.</param>
    /// <param name="moves">How often its consumer was moved by a seek, if it says so.</param>
    /// <returns>Whether the consumer was moved since the last connection.</returns>
    public bool Introduced(string? resumedAfter, int? moves)
    {
        // Somebody moved the consumer, to have events handled again: what we remember of them must not get in the way.
        var isMoved = _moves is { } before && moves is { } now && now != before;
        if (isMoved)
            mark.ForgetHandled();
        _moves = moves ?? _moves;
        // Without this, what is published while ephemeral reconnects before it was sent anything would be skipped.
        if (isEphemeral && resumedAfter is { Length: > 0 })
            mark.StartAfter(resumedAfter);
        return isMoved;
    }

    /// <summary>
    /// The replay is over when everything was handled that was in the log at the first opening. Both times are the server's. Without them, or with ids that
    /// tell no time, it is never known to be.
    /// </summary>
    private bool IsReplaying(string? cursor) =>
        _firstOpenedAt is not { } opened || !EventPosition.TryParse(cursor, out var position) || position.AppendedAt < opened + ClockGrain;

    [LoggerMessage(1118, LogLevel.Warning, "The server keeps the consumer's position, and knows every ack: the CursorStore beside it makes each start hand out again what was acked since its last save. "
        + "Leave it out, or read as the consumer 'ephemeral'.")]
    private static partial void LogTwoPositions(ILogger logger);

    [LoggerMessage(1113, LogLevel.Warning, "{Events} failed event(s) held the resume position for {Hold} or too many others waited behind them; it moves past them, "
        + "and they come again only by the server's redelivery or from its dead letters.")]
    private static partial void LogReleased(ILogger logger, int events, TimeSpan hold);
}
