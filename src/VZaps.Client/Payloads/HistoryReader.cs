using System.Text.Json;

namespace VZaps.Client.Payloads;

/// <summary>Reads a part of the history. Its times are Unix seconds.</summary>
internal static class HistoryReader
{
    private static readonly long LastSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    public static HistorySyncEvent Read(JsonPlace data)
    {
        var history = data.Get("event");
        var content = history.Get("Data");
        return new HistorySyncEvent
        {
            SyncType = content.Find("syncType") is { } type ? NameOrNumber(type) : null,
            ChunkOrder = content.Int("chunkOrder"),
            Progress = content.Int("progress"),
            Part = history.Int("part") ?? content.Int("part") ?? data.Int("part"),
            Parts = history.Int("parts") ?? content.Int("parts") ?? data.Int("parts"),
            Conversations = content.List("conversations", Conversation),
        };
    }

    private static string NameOrNumber(JsonPlace type) => type.Element.ValueKind == JsonValueKind.Number ? type.Element.GetRawText() : type.AsText();

    private static HistoryConversation Conversation(JsonPlace chat) => new()
    {
        Id = chat.Text("ID"),
        Name = chat.NonEmptyText("name"),
        UnreadCount = chat.Int("unreadCount"),
        Messages = chat.List("messages", item => Message(item.Get("message"))),
    };

    private static HistoryMessage Message(JsonPlace message)
    {
        var key = message.Get("key");
        var content = message.Find("message");
        return new HistoryMessage
        {
            MessageId = key.Text("ID"),
            IsFromMe = key.Flag("fromMe"),
            PushName = message.NonEmptyText("pushName"),
            Timestamp = message.Number("messageTimestamp") is { } seconds and > 0 && seconds <= LastSecond ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null,
            Text = content?.OptionalText("conversation") ?? content?.Find("extendedTextMessage")?.OptionalText("text"),
            Content = content?.Element ?? default,
        };
    }
}
