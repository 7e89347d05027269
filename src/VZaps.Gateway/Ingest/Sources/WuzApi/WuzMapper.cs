using System.Text.Json;

namespace VZaps.Gateway.Ingest.Sources.WuzApi;

/// <summary>Makes events of a body of wuzapi. A pure function: the same body and context give the same events, and whoever is known the same keys.</summary>
internal static class WuzMapper
{
    /// <summary>Maps a body; nothing in it makes this fail.</summary>
    /// <param name="body">The event's JSON, its file taken out (<see cref="FileExtractor"/>), which refers to no other (<see cref="OwnFiles"/>).</param>
    /// <param name="context">What it does not say of itself.</param>
    /// <returns>One outcome, or several where one update is several events.</returns>
    public static List<SourceOutcome> Map(ReadOnlyMemory<byte> body, WuzContext context) =>
        BodyMapping.Map(body, (root, outcomes) => Map(new WuzUpdate(root, body, context, outcomes)));

    private static void Map(WuzUpdate update)
    {
        switch (update.Type)
        {
            case "":
                update.Keep("The body has no 'type'.");
                break;
            case "Connected" or "Disconnected" or "LoggedOut" or "ConnectFailure" or "TemporaryBan" or "ClientOutdated" or "StreamError":
                WuzConnection.Map(update);
                break;
            case "Message" or "ReadReceipt" or "Presence" or "ChatPresence" or "HistorySync" or "GroupInfo" or "JoinedGroup" when update.Event.ValueKind != JsonValueKind.Object:
                update.Keep("'event' is no object.");
                break;
            case "Message":
                WuzMessage.Map(update);
                break;
            case "ReadReceipt":
                WuzReceipt.Map(update);
                break;
            case "Presence" or "ChatPresence":
                WuzPresence.Map(update);
                break;
            case "HistorySync":
                WuzHistory.Map(update);
                break;
            case "GroupInfo" or "JoinedGroup":
                WuzGroups.Map(update);
                break;
            default:
                update.Count(update.Type);
                break;
        }
    }
}
