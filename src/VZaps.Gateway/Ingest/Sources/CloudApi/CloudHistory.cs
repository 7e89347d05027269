using System.Text.Json;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest.Sources.CloudApi;

/// <summary>Past messages, which come when a business that uses the app is connected.</summary>
internal static class CloudHistory
{
    public static void Map(CloudChange change)
    {
        change.LearnContacts();
        var value = change.Value;
        var (any, hasErrors) = (false, false);
        foreach (var element in value.Items("history"))
        {
            any = true;
            hasErrors |= element.Items("errors").Any();
            if (element.ValueKind != JsonValueKind.Object)
                change.Keep("A history is no object.", "history", element);
            // Without its number it could be anybody's; that somebody shares none is no secret.
            else if (change.PhoneNumberId is null && element.Get("threads") is not null)
                change.Keep("'metadata.phone_number_id' is missing.", "history", element);
            else
                Add(change, element, element.GetObject("metadata") ?? default, ChatsOf(change, element), element);
        }

        // Files of messages that came before: they are no new messages.
        foreach (var late in value.Items("messages"))
        {
            any = true;
            if (change.PhoneNumberId is null)
                change.Keep("'metadata.phone_number_id' is missing.", "messages", late);
            else if (late.Text("id") is null || ChatOf(change, late) is not { } chat)
                change.Keep("A late message has no 'id' or nobody it is of.", "messages", late);
            else
                Add(change, late, default, [new HistoryChat(data => data.Text("ID", chat), [MessageOf(change, late, chat)])], default, CloudContent.MediaOf(late));
        }

        // They have been seen within the history, beside it, and instead of it.
        if (!hasErrors && value.Items("errors").Any())
            Add(change, value, default, [], value);
        else if (!any)
            change.Keep("A history has neither chats nor errors.");
    }

    private static void Add(CloudChange change, JsonElement element, JsonElement metadata, List<HistoryChat> chats, JsonElement errors, MediaDescription? media = null)
    {
        var parts = HistoryParts.Write(new History(data => WriteHead(data, metadata), chats, [])
        {
            Source = CloudChange.Source,
            WriteErrors = errors.Get("errors") is { ValueKind: JsonValueKind.Array } ? data => data.CopyObjects("errors", errors.Items("errors")) : null,
        });
        Add(change, element, metadata, parts, media);
    }

    /// <summary>Adds the parts of what one element became; its file is the first one's.</summary>
    public static void Add(CloudChange change, JsonElement element, JsonElement metadata, List<ReadOnlyMemory<byte>> parts, MediaDescription? media = null)
    {
        var hash = SourceKey.HashOf(element);
        var createdAt = SourceTime.CreatedAt(SourceTime.OfUnix(change.EntryTime), change.ReceivedAt);
        for (var i = 0; i < parts.Count; i++)
        {
            change.Add(new MappedEvent(EventType.HistorySync, parts[i], createdAt, SourceKey.Of(
                CloudChange.Source, change.PhoneNumberId, "h", metadata.Text("phase"), metadata.Text("chunk_order"), hash, $"{i + 1}"))
            {
                Media = i == 0 ? media : null,
            });
        }
    }

    private static void WriteHead(DataWriter data, JsonElement metadata)
    {
        data.Number("phase", metadata.Number("phase"));
        data.Number("chunkOrder", IntOf(metadata, "chunk_order"));
        data.Number("progress", IntOf(metadata, "progress"));
    }

    private static long? IntOf(JsonElement metadata, string name) => metadata.Number(name) is >= int.MinValue and <= int.MaxValue and var number ? number : null;

    private static List<HistoryChat> ChatsOf(CloudChange change, JsonElement element)
    {
        var chats = new List<HistoryChat>();
        foreach (var thread in element.Items("threads"))
        {
            if (thread.ValueKind != JsonValueKind.Object)
                continue;
            var messages = thread.Items("messages").Where(message => message.ValueKind == JsonValueKind.Object).ToList();
            var chat = thread.Text("id") is { } id ? change.AddressOfPhoneOrId(id) : messages.Select(message => ChatOf(change, message)).FirstOrDefault(found => found is not null);
            chat ??= "";
            chats.Add(new HistoryChat(data => data.Text("ID", chat), [.. messages.Select(message => MessageOf(change, message, chat))]));
        }

        return chats;
    }

    private static ReadOnlyMemory<byte> MessageOf(CloudChange change, JsonElement message, string chat) => EventData.WritePart(HistoryParts.MaxItemBytes, (data, _) =>
    {
        data.Open();
        data.Open("message");
        data.Open("key");
        data.Text("remoteJID", chat);
        data.Flag("fromMe", IsFromMe(change, message));
        data.Text("ID", message.Text("id") ?? "");
        data.Close();
        data.Open("message");
        CloudContent.Write(data, message);
        data.Close();
        data.Number("messageTimestamp", message.Number("timestamp"));
        data.Number("status", StatusOf(message.GetObject("history_context")?.Text("status")));
        data.Close();
        data.Original(message);
        data.Close();
    });

    private static string? ChatOf(CloudChange change, JsonElement message) => IsFromMe(change, message)
        ? change.AddressOf(message.Text("to"), message.Text("to_user_id"))
        : change.AddressOf(message.Text("from"), message.Text("from_user_id"));

    private static bool IsFromMe(CloudChange change, JsonElement message) =>
        message.GetObject("history_context")?.Flag("from_me") == true
        || (change.BusinessPhone is { } business && message.Text("from") is { } from && WhatsAppAddress.DigitsOf(from) == business);

    // As WhatsApp's own enumeration counts them.
    private static long? StatusOf(string? status) => status?.ToUpperInvariant() switch
    {
        "ERROR" => 0,
        "PENDING" => 1,
        "SENT" => 2,
        "DELIVERED" => 3,
        "READ" => 4,
        "PLAYED" => 5,
        _ => null,
    };
}
