using Microsoft.Extensions.Logging;
using VZaps.Client.Events;

namespace VZaps.Client.Subscribing;

/// <summary>Which events must follow one another: those of one key.</summary>
/// <param name="isUsed">Whether more than one event is handled at a time; else nobody needs keys.</param>
/// <param name="ofUser">The user's function; null for the chat.</param>
/// <param name="notices">Where a function that throws is reported.</param>
/// <param name="logger">And logged.</param>
internal sealed partial class Partitions(bool isUsed, Func<VZapsEvent, string?>? ofUser, NoticeLoop notices, ILogger logger)
{
    /// <summary>The key of what has none.</summary>
    public const string Shared = "";

    /// <summary>Never throws: an event whose key cannot be had goes with those that have none.</summary>
    public string KeyOf(VZapsEvent received)
    {
        if (!isUsed)
            return Shared;
        return ofUser is null ? ChatOf(received) : AskUser(ofUser, received);
    }

    private string ChatOf(VZapsEvent received)
    {
        try
        {
            return ChatOfEvent.Read(received) ?? Shared;
        }
        catch (Exception unreadable)
        {
            // JSON may escape what is no text, as half of a surrogate pair.
            LogUnreadable(logger, received.Id, unreadable.Message);
            return Shared;
        }
    }

    private string AskUser(Func<VZapsEvent, string?> ask, VZapsEvent received)
    {
        try
        {
            return ask(received) ?? Shared;
        }
        catch (Exception thrown)
        {
            // The user's code, on the loop that reads: whatever it throws, the event is not lost.
            LogThrown(logger, thrown, received.Id);
            notices.Error(new VZapsException($"PartitionKey threw for {received}: {thrown.Message} The event goes with those that have no key.", thrown));
            return Shared;
        }
    }

    [LoggerMessage(1215, LogLevel.Error, "PartitionKey threw for {EventId}; the event goes with those that have no key.")]
    private static partial void LogThrown(ILogger logger, Exception thrown, string eventId);

    [LoggerMessage(1216, LogLevel.Warning, "The chat of {EventId} cannot be read: {Reason} The event goes with those that have none.")]
    private static partial void LogUnreadable(ILogger logger, string eventId, string reason);
}
