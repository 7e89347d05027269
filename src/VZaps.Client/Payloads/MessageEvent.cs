using System.Text.Json;

namespace VZaps;

/// <summary>A message that came in or went out. Which of its contents are there tells what it is; one of a newer kind has none, and is whole in <see cref="Content"/>.</summary>
public sealed record MessageEvent : EventPayload
{
    /// <summary>WhatsApp's id of the message.</summary>
    public string MessageId { get; init; } = "";

    /// <summary>The chat's address: a person (<c>…@s.whatsapp.net</c>), a group (<c>…@g.us</c>), or another that WhatsApp has.</summary>
    public string Chat { get; init; } = "";

    /// <summary>The author's address; empty where the source did not say.</summary>
    public string Sender { get; init; } = "";

    /// <summary>Another address of the author (a number beside a hidden user's id, or the reverse); null where there is none.</summary>
    public string? SenderAlt { get; init; }

    /// <summary>The name that the author gave themselves; null where the source did not say.</summary>
    public string? PushName { get; init; }

    /// <summary>Whether the instance's own account wrote it, here or on another device.</summary>
    public bool IsFromMe { get; init; }

    /// <summary>Whether the chat is a group.</summary>
    public bool IsGroup { get; init; }

    /// <summary>When it was written, in UTC; null where the source did not say.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>What was written; null for what is no text message. The words under a picture are <see cref="MessageMedia.Caption"/>.</summary>
    public string? Text { get; init; }

    /// <summary>The picture, film, sound, document or sticker; null where there is none.</summary>
    public MessageMedia? Media { get; init; }

    /// <summary>A reaction to another message; null where it is none.</summary>
    public MessageReaction? Reaction { get; init; }

    /// <summary>A place; null where there is none.</summary>
    public MessageLocation? Location { get; init; }

    /// <summary>The contacts that were shared; empty where there are none.</summary>
    public IReadOnlyList<MessageContact> Contacts { get; init; } = [];

    /// <summary>What was chosen of the buttons or the list that an earlier message offered; null where nothing was.</summary>
    public MessageChoice? Choice { get; init; }

    /// <summary>The message that this one answers; null where it quotes none.</summary>
    public QuotedMessage? ReplyTo { get; init; }

    /// <summary>The message's content as it came (<c>event.Message</c>); an undefined element where there was none.</summary>
    public JsonElement Content { get; init; }
}

/// <summary>What kind of file a message carries.</summary>
public enum MediaKind
{
    /// <summary>A picture.</summary>
    Image,

    /// <summary>A film.</summary>
    Video,

    /// <summary>A sound, or a voice note (<see cref="MessageMedia.IsVoiceNote"/>).</summary>
    Audio,

    /// <summary>A document.</summary>
    Document,

    /// <summary>A sticker.</summary>
    Sticker,
}

/// <summary>A file in a message.</summary>
public sealed record MessageMedia
{
    /// <summary>What it is.</summary>
    public MediaKind Kind { get; init; }

    /// <summary>Where the stored file can be fetched; null where the server did not keep it.</summary>
    public Uri? Url { get; init; }

    /// <summary>Its MIME type; null where the source did not say.</summary>
    public string? MimeType { get; init; }

    /// <summary>What was written under it; null for nothing.</summary>
    public string? Caption { get; init; }

    /// <summary>A document's name; null where it has none.</summary>
    public string? FileName { get; init; }

    /// <summary>Its size in bytes; null where the source did not say.</summary>
    public long? LengthBytes { get; init; }

    /// <summary>Its width in pixels; null where the source did not say.</summary>
    public int? Width { get; init; }

    /// <summary>Its height in pixels; null where the source did not say.</summary>
    public int? Height { get; init; }

    /// <summary>Whether it is a sound that was recorded in the chat.</summary>
    public bool IsVoiceNote { get; init; }
}

/// <summary>A reaction to a message.</summary>
public sealed record MessageReaction
{
    /// <summary>The message that it is about.</summary>
    public string MessageId { get; init; } = "";

    /// <summary>The emoji; null where the reaction was taken back.</summary>
    public string? Emoji { get; init; }
}

/// <summary>A place in a message.</summary>
public sealed record MessageLocation
{
    /// <summary>Degrees north, -90 to 90.</summary>
    public double Latitude { get; init; }

    /// <summary>Degrees east, -180 to 180.</summary>
    public double Longitude { get; init; }

    /// <summary>The place's name; null where it has none.</summary>
    public string? Name { get; init; }

    /// <summary>The place's address; null where it has none.</summary>
    public string? Address { get; init; }

    /// <summary>A link about it; null where there is none.</summary>
    public string? Link { get; init; }
}

/// <summary>A contact that was shared.</summary>
public sealed record MessageContact
{
    /// <summary>The contact's name; empty where it has none.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>The contact as a vCard; null where there is none.</summary>
    public string? VCard { get; init; }
}

/// <summary>The answer to a message that offered buttons or a list.</summary>
public sealed record MessageChoice
{
    /// <summary>The id of what was chosen, as the offering message gave it; empty where the source did not say.</summary>
    public string Id { get; init; } = "";

    /// <summary>Its title; null where there is none.</summary>
    public string? Title { get; init; }

    /// <summary>Its description; null where there is none.</summary>
    public string? Description { get; init; }
}

/// <summary>The message that another one answers.</summary>
public sealed record QuotedMessage
{
    /// <summary>WhatsApp's id of it.</summary>
    public string MessageId { get; init; } = "";

    /// <summary>Who wrote it; null where the source did not say.</summary>
    public string? Sender { get; init; }
}
