using System.Text.Json;

namespace VZaps.Client.Payloads;

/// <summary>Reads whether the instance is connected. Some sources say it in a word in place of an object.</summary>
internal static class ConnectionReader
{
    public static ConnectedEvent ReadConnected(JsonPlace data)
    {
        data.Get("event");
        return new ConnectedEvent();
    }

    public static DisconnectedEvent ReadDisconnected(JsonPlace data)
    {
        var content = data.Get("event");
        var place = content.Element.ValueKind == JsonValueKind.String ? data.Find("reason") : content.Find("Reason") ?? content.Find("reason") ?? data.Find("reason");
        return new DisconnectedEvent { Reason = place is { } reason ? Reason(reason) : null };
    }

    private static string? Reason(JsonPlace reason)
    {
        if (reason.Element.ValueKind == JsonValueKind.Number)
            return reason.Element.GetRawText();
        return reason.AsText() is { Length: > 0 } text ? text : null;
    }
}
