using System.Text.Json;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest.Sources.CloudApi;

/// <summary>The content of a message as the one member of <c>Message</c> that wuzapi would give it. What has no such member, or not the form that its
/// type should have, is empty here and whole in the original.</summary>
internal static class CloudContent
{
    /// <summary><c>Info.Type</c> and <c>Info.MediaType</c>.</summary>
    public static (string Type, string MediaType) KindOf(JsonElement message) => message.Text("type") switch
    {
        "image" or "video" or "audio" or "document" or "sticker" or "location" or "contacts" => ("media", message.Text("type")!),
        "reaction" => ("reaction", ""),
        _ => ("text", ""),
    };

    /// <summary>The file of a message; null for none. The URL beside its id is not looked at: it lives for five minutes.</summary>
    public static MediaDescription? MediaOf(JsonElement message)
    {
        if (message.Text("type") is not ("image" or "video" or "audio" or "document" or "sticker") || message.GetObject(message.Text("type")!) is not { } media
            || media.Text("id") is not { } id || !MediaDescription.IsCloudId(id))
            return null;
        return new MediaDescription
        {
            Source = MediaSource.Cloud, CloudId = id, MimeType = media.Text("mime_type"), FileName = media.Text("filename"), Sha256 = ExpectedHash.Read(media.Text("sha256")),
        };
    }

    public static void Write(DataWriter data, JsonElement message)
    {
        if (message.Text("type") is not { } type || message.Get(type) is not { } content)
            return;
        switch (type)
        {
            case "text":
                WriteText(data, message, content);
                break;
            case "image" or "video" or "audio" or "document" or "sticker":
                WriteMedia(data, message, type, content);
                break;
            case "location":
                WriteLocation(data, message, content);
                break;
            case "contacts":
                CloudContactCard.Write(data, content);
                break;
            case "interactive":
                WriteInteractive(data, message, content);
                break;
            case "button":
                data.Open("templateButtonReplyMessage");
                data.Text("selectedID", content.Text("payload") ?? "");
                data.Text("selectedDisplayText", content.Text("text"));
                CloseWithContext(data, message);
                break;
            case "reaction":
                WriteReaction(data, content);
                break;
            case "order":
                data.Open("orderMessage");
                data.Number("itemCount", content.Items("product_items").Count());
                data.Text("message", content.Text("text"));
                CloseWithContext(data, message);
                break;
        }
    }

    private static void WriteText(DataWriter data, JsonElement message, JsonElement text)
    {
        var words = text.TextOrEmpty("body") ?? "";
        if (message.GetObject("context") is null)
        {
            data.Text("conversation", words);
            return;
        }

        data.Open("extendedTextMessage");
        data.Text("text", words);
        CloseWithContext(data, message);
    }

    private static void WriteMedia(DataWriter data, JsonElement message, string type, JsonElement media)
    {
        data.Open(type + "Message");
        data.Text("mimetype", media.Text("mime_type"));
        data.Text("caption", media.Text("caption"));
        data.Text("fileSHA256", media.Text("sha256"));
        data.Text("fileName", media.Text("filename"));
        if (media.Get("voice") is { ValueKind: JsonValueKind.True or JsonValueKind.False } voice)
            data.Flag("PTT", voice.GetBoolean());
        if (media.Get("animated") is { ValueKind: JsonValueKind.True or JsonValueKind.False } animated)
            data.Flag("isAnimated", animated.GetBoolean());
        CloseWithContext(data, message);
    }

    private static void WriteLocation(DataWriter data, JsonElement message, JsonElement location)
    {
        if (location.Get("latitude") is not { ValueKind: JsonValueKind.Number } latitude || location.Get("longitude") is not { ValueKind: JsonValueKind.Number } longitude)
            return;
        data.Open("locationMessage");
        data.Copy("degreesLatitude", latitude);
        data.Copy("degreesLongitude", longitude);
        data.Text("name", location.Text("name"));
        data.Text("address", location.Text("address"));
        data.Text("URL", location.Text("url"));
        CloseWithContext(data, message);
    }

    private static void WriteInteractive(DataWriter data, JsonElement message, JsonElement interactive)
    {
        if (interactive.GetObject("button_reply") is { } button)
        {
            data.Open("buttonsResponseMessage");
            data.Text("selectedButtonID", button.Text("id") ?? "");
            data.Open("Response");
            data.Text("SelectedDisplayText", button.Text("title"));
            data.Close();
            CloseWithContext(data, message);
        }
        else if (interactive.GetObject("list_reply") is { } row)
        {
            data.Open("listResponseMessage");
            data.Text("title", row.Text("title"));
            data.Text("description", row.Text("description"));
            data.Open("singleSelectReply");
            data.Text("selectedRowID", row.Text("id") ?? "");
            data.Close();
            CloseWithContext(data, message);
        }
        else if (interactive.GetObject("nfm_reply") is { } flow)
        {
            data.Open("interactiveResponseMessage");
            data.Open("InteractiveResponseMessage");
            data.Open("NativeFlowResponseMessage");
            data.Text("name", flow.Text("name"));
            data.Text("paramsJSON", flow.Text("response_json"));
            data.Close();
            data.Close();
            if (flow.Text("body") is { } body)
            {
                data.Open("body");
                data.Text("text", body);
                data.Close();
            }

            CloseWithContext(data, message);
        }
    }

    private static void WriteReaction(DataWriter data, JsonElement reaction)
    {
        if (reaction.Text("message_id") is not { } id)
            return;
        data.Open("reactionMessage");
        data.Open("key");
        data.Text("ID", id);
        data.Close();
        data.Text("text", reaction.Text("emoji") ?? "");
        data.Close();
    }

    /// <summary>Closes the content, with the message that it answers.</summary>
    private static void CloseWithContext(DataWriter data, JsonElement message)
    {
        if (message.GetObject("context") is { } context)
        {
            data.Open("contextInfo");
            data.Text("stanzaID", context.Text("id"));
            data.Text("participant", context.Text("from") is { } from ? WhatsAppAddress.OfPhoneOrId(from) : null);
            if (context.Flag("forwarded") || context.Flag("frequently_forwarded"))
                data.Flag("isForwarded", true);
            data.Close();
        }

        data.Close();
    }
}
