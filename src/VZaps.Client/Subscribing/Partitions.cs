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
        if (ofUser is null)
            return ChatOfEvent.Read(received) ?? Shared;
        try
        {
            return ofUser(received) ?? Shared;
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
}
