using System.Text.Json;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest.Sources.WuzApi;

/// <summary>A message: its event as it came, and where its file is.</summary>
internal static class WuzMessage
{
    public static void Map(WuzUpdate update)
    {
        var message = update.Event;
        var info = message.GetObject("Info") ?? default;
        if (info.Text("ID") is not { } id)
        {
            update.Keep("A message has no 'Info.ID'.");
            return;
        }

        if (info.Text("Chat") is not { } chat)
        {
            update.Keep("A message has no 'Info.Chat'.");
            return;
        }

        var people = WuzPeople.Of(update, info);
        update.Add(
            EventType.Message,
            SourceTime.OfText(info.Text("Timestamp")),
            update.KeyOf("m", chat, WhatsAppAddress.WithoutDevice(info.Text("Sender") ?? ""), id),
            data =>
            {
                // First, so that it stays where a message has to be trimmed.
                data.Open("Info");
                people.CopyMembers(data, info);
                data.Close();
                data.CopyMembers(message, "Info", "Media", "Source", "truncated");
                WriteMedia(data, update.Root);
            },
            media: WuzMedia.Of(update.Root));
    }

    private static void WriteMedia(DataWriter data, JsonElement root)
    {
        var file = FileReference.Parse(root.TextOrEmpty("base64"));
        var bucket = root.GetObject("s3");
        if (file is null && bucket is null)
            return;
        data.Open("Media");
        if (file is { } kept)
        {
            data.Text("File", kept.Sha256);
            data.Number("Size", kept.Bytes);
        }

        data.Text("MimeType", root.Text("mimeType"));
        data.Text("FileName", root.Text("fileName"));
        data.Copy("S3", bucket);
        data.Close();
    }
}
