using System.Text.Json.Nodes;
using VZaps.Cli.Demo.Phone;

namespace VZaps.Cli.Simulate;

/// <summary>What happens on the phone as wuzapi would post it.</summary>
internal static class WuzUpdates
{
    public const string User = "simulated-user", Name = "simulated";

    /// <summary>The event's JSON.</summary>
    public static JsonObject Of(PhoneEvent happened)
    {
        var data = happened.Data.DeepClone().AsObject();
        if (happened.Picture is { } picture)
        {
            data["base64"] = Convert.ToBase64String(picture);
            data["mimeType"] = Snapshot.MimeType;
            data["fileName"] = data["event"]!["Info"]!["ID"]!.GetValue<string>() + ".png";
        }

        if (happened.Type == EventType.GroupParticipantsAdd || happened.Type == EventType.GroupParticipantsRemove)
            data["type"] = "GroupInfo";
        if (happened.Type == EventType.HistorySync)
            data["event"]!["Data"]!["syncType"] = data["event"]!["Data"]!["syncType"]!.GetValue<string>() == "RECENT" ? 3 : 0;
        return data;
    }
}
