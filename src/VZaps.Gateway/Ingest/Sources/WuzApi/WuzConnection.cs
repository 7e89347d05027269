using System.Text.Json;

namespace VZaps.Gateway.Ingest.Sources.WuzApi;

/// <summary>Whether the account is connected, and why it is not.</summary>
internal static class WuzConnection
{
    public static void Map(WuzUpdate update)
    {
        var content = update.Event;
        if (update.Type == "Connected")
        {
            // A changed push name is told as another 'Connected'.
            if (update.Context.IsConnected && content.Get("Action") is not null)
                update.Count("Connected.repeat");
            else
                Add(update, EventType.Connected, data => data.CopyMembers(content, "Source", "truncated"));
            return;
        }

        Add(update, EventType.Disconnected, data => WriteDisconnected(data, update, content));
    }

    private static void WriteDisconnected(DataWriter data, WuzUpdate update, JsonElement content)
    {
        data.CopyMembers(content, "Kind", "Source", "truncated");
        if (update.Type == "Disconnected")
            return;
        data.Text("Kind", update.Type);
        if (content.ValueKind == JsonValueKind.Object)
        {
            if (content.Get("Reason") is null)
                data.Text("Reason", update.Type);
            return;
        }

        data.Text("Reason", update.Root.Text("reason") ?? update.Type);
        data.Text("Error", update.Root.Text("error"));
        data.Number("Attempts", update.Root.Number("attempts"));
    }

    private static void Add(WuzUpdate update, EventType type, Action<DataWriter> content)
    {
        var own = SourceTime.OfText(update.Event.Text("Timestamp"));
        update.Add(type, own, update.KeyOfBytes(hasTime: own is not null), content);
    }
}
