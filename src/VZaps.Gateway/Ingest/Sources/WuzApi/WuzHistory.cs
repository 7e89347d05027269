using System.Text.Json;

namespace VZaps.Gateway.Ingest.Sources.WuzApi;

/// <summary>A part of the phone's history, split where it is larger than an event may be.</summary>
internal static class WuzHistory
{
    public static void Map(WuzUpdate update)
    {
        if (update.Event.GetObject("Data") is not { } content)
        {
            update.Keep("A history has no 'Data'.");
            return;
        }

        var parts = HistoryParts.Write(new History(data => WriteHead(data, content), [.. content.Items("conversations").Where(IsObject).Select(ChatOf)], NamesOf(content))
        {
            Source = WuzUpdate.Source,
            WriteFirst = data => data.CopyMembers(content, "conversations", "pushnames", "syncType", "chunkOrder", "progress"),
            WriteBeside = data => data.CopyMembers(update.Event, "Data", "part", "parts", "Source", "truncated"),
        });
        // No minute in these keys: so much content is itself and no other.
        var key = update.KeyOfBytes(hasTime: true);
        for (var i = 0; i < parts.Count; i++)
            update.Add(EventType.HistorySync, own: null, SourceKey.Of(key, $"{i + 1}"), parts[i]);
    }

    private static void WriteHead(DataWriter data, JsonElement content)
    {
        foreach (var name in (ReadOnlySpan<string>)["syncType", "chunkOrder", "progress"])
        {
            if (content.Get(name) is { ValueKind: JsonValueKind.Number or JsonValueKind.String } value && value.Raw().Length < 64)
                data.Copy(name, value);
        }
    }

    private static HistoryChat ChatOf(JsonElement chat) =>
        new(data => data.CopyMembers(chat, "messages"), [.. chat.Items("messages").Where(IsObject).Select(Written)]);

    private static IReadOnlyList<ReadOnlyMemory<byte>> NamesOf(JsonElement content) => [.. content.Items("pushnames").Where(IsObject).Select(Written)];

    private static ReadOnlyMemory<byte> Written(JsonElement item) => EventData.WritePart(HistoryParts.MaxItemBytes, (data, _) =>
    {
        data.Open();
        data.CopyMembers(item);
        data.Close();
    });

    private static bool IsObject(JsonElement element) => element.ValueKind == JsonValueKind.Object;
}
