using System.Text.Json;

namespace VZaps.Client.Payloads;

/// <summary>Reads a message: its head in <c>event.Info</c>, its content as the one member of <c>event.Message</c>.</summary>
internal static class MessageReader
{
    private static readonly (string Member, MediaKind Kind)[] MediaMembers =
    [
        ("imageMessage", MediaKind.Image),
        ("videoMessage", MediaKind.Video),
        ("audioMessage", MediaKind.Audio),
        ("documentMessage", MediaKind.Document),
        ("stickerMessage", MediaKind.Sticker),
    ];

    public static MessageEvent Read(JsonPlace data)
    {
        var content = data.Get("event");
        var info = content.Get("Info");
        var message = new MessageEvent
        {
            MessageId = info.Text("ID"),
            Chat = info.Text("Chat"),
            Sender = info.OptionalText("Sender") ?? "",
            SenderAlt = info.NonEmptyText("SenderAlt"),
            PushName = info.NonEmptyText("PushName"),
            IsFromMe = info.Flag("IsFromMe"),
            IsGroup = info.Flag("IsGroup"),
            Timestamp = info.Time("Timestamp"),
        };
        return content.Find("Message") is { } body ? WithContent(message, data, body) : message;
    }

    private static MessageEvent WithContent(MessageEvent message, JsonPlace data, JsonPlace body)
    {
        body.Expect(JsonValueKind.Object);
        return message with
        {
            Content = body.Element,
            Text = body.OptionalText("conversation") ?? body.Find("extendedTextMessage")?.OptionalText("text"),
            Media = Media(data, body),
            Reaction = body.Find("reactionMessage") is { } reaction ? Reaction(reaction) : null,
            Location = body.Find("locationMessage") is { } location ? Location(location) : null,
            Contacts = Contacts(body),
            Choice = Choice(body),
            ReplyTo = ReplyTo(body),
        };
    }

    private static MessageMedia? Media(JsonPlace data, JsonPlace body)
    {
        foreach (var (member, kind) in MediaMembers)
        {
            if (body.Find(member) is not { } media)
                continue;
            return new MessageMedia
            {
                Kind = kind,
                Url = data.Received.MediaUrl,
                MimeType = media.NonEmptyText("mimetype"),
                Caption = media.NonEmptyText("caption"),
                FileName = media.NonEmptyText("fileName"),
                LengthBytes = media.Number("fileLength"),
                Width = media.Int("width"),
                Height = media.Int("height"),
                IsVoiceNote = media.Flag("PTT"),
            };
        }

        return null;
    }

    private static MessageReaction Reaction(JsonPlace reaction) => new()
    {
        MessageId = reaction.Get("key").Text("ID"),
        Emoji = reaction.NonEmptyText("text"),
    };

    private static MessageLocation Location(JsonPlace location) => new()
    {
        Latitude = location.Real("degreesLatitude"),
        Longitude = location.Real("degreesLongitude"),
        Name = location.NonEmptyText("name"),
        Address = location.NonEmptyText("address"),
        Link = location.NonEmptyText("URL"),
    };

    private static IReadOnlyList<MessageContact> Contacts(JsonPlace body) => body.Find("contactMessage") is { } one
        ? [Contact(one)]
        : body.Find("contactsArrayMessage")?.List("contacts", Contact) ?? [];

    private static MessageContact Contact(JsonPlace contact) => new()
    {
        DisplayName = contact.OptionalText("displayName") ?? "",
        VCard = contact.NonEmptyText("vcard"),
    };

    private static MessageChoice? Choice(JsonPlace body)
    {
        if (body.Find("buttonsResponseMessage") is { } button)
        {
            return new MessageChoice
            {
                Id = button.OptionalText("selectedButtonID") ?? "",
                Title = button.Find("Response")?.NonEmptyText("SelectedDisplayText"),
            };
        }

        if (body.Find("templateButtonReplyMessage") is { } template)
            return new MessageChoice { Id = template.OptionalText("selectedID") ?? "", Title = template.NonEmptyText("selectedDisplayText") };
        if (body.Find("listResponseMessage") is not { } list)
            return null;
        return new MessageChoice
        {
            Id = list.Find("singleSelectReply")?.OptionalText("selectedRowID") ?? "",
            Title = list.NonEmptyText("title"),
            Description = list.NonEmptyText("description"),
        };
    }

    /// <summary>The quote stands in the content, whatever that is; <c>messageContextInfo</c> and its like stand beside it and have none.</summary>
    private static QuotedMessage? ReplyTo(JsonPlace body)
    {
        foreach (var member in body.Element.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Object)
                continue;
            var content = body.Get(member.Name);
            if (content.Find("contextInfo") is { } context && context.NonEmptyText("stanzaID") is { } id)
                return new QuotedMessage { MessageId = id, Sender = context.NonEmptyText("participant") };
        }

        return null;
    }
}
