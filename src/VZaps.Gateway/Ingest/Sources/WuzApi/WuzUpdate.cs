using System.Globalization;
using System.Text.Json;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest.Sources.WuzApi;

/// <summary>One body of wuzapi, which is one update, and what has become of it.</summary>
internal sealed class WuzUpdate(JsonElement root, ReadOnlyMemory<byte> body, WuzContext context, List<SourceOutcome> outcomes)
{
    public const string Source = "wuzapi", KeyPrefix = "wuz";

    public JsonElement Root => root;

    public string Type { get; } = root.Text("type") ?? "";

    /// <summary>The event; an undefined element where it is no object.</summary>
    public JsonElement Event { get; } = root.GetObject("event") ?? default;

    public WuzContext Context => context;

    /// <summary>Who is who.</summary>
    public BodyIdentities Identities { get; } = context.Identities ?? new BodyIdentities();

    private string UserId => root.Text("userID") ?? context.UserId ?? "";

    public void Count(string kind) => outcomes.Add(new NotMapped(kind));

    /// <summary>Keeps the body; with the user that its form named, so that it has the same key when it is mapped again.</summary>
    public void Keep(string reason) => outcomes.Add(new Unmappable(reason, context.UserId is { } user && root.Text("userID") is null ? WithUser(body, user) : body)
    {
        Media = WuzMedia.Of(root) is { Content: not null } media ? media : null,
    });

    /// <summary>Adds an event.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="own">The time that the source gives it; null for none.</param>
    /// <param name="key">Its key.</param>
    /// <param name="content">Writes the members of <c>event</c>, without the source.</param>
    /// <param name="beside">Writes what stands beside it.</param>
    /// <param name="media">Its file; null for none.</param>
    public void Add(EventType type, DateTimeOffset? own, string key, Action<DataWriter> content, Action<DataWriter>? beside = null, MediaDescription? media = null) => Add(
        type,
        own,
        key,
        EventData.Write(
            type,
            data =>
            {
                content(data);
                data.Text("Source", Source);
            },
            beside),
        media);

    /// <summary>Adds an event whose data is written.</summary>
    public void Add(EventType type, DateTimeOffset? own, string key, ReadOnlyMemory<byte> data, MediaDescription? media = null) =>
        outcomes.Add(new MappedEvent(type, data, SourceTime.CreatedAt(own, context.ReceivedAt), key) { Media = media });

    private static ReadOnlyMemory<byte> WithUser(ReadOnlyMemory<byte> body, string user)
    {
        var members = body.Span.TrimStart(" \t\r\n"u8)[1..];
        var isEmpty = members.TrimStart(" \t\r\n"u8).StartsWith("}"u8);
        return (byte[])[.. System.Text.Encoding.UTF8.GetBytes($"{{\"userID\":\"{JsonEncodedText.Encode(user)}\"{(isEmpty ? "" : ",")}"), .. members];
    }

    /// <summary>The key of something that has an identity of its own.</summary>
    public string KeyOf(string kind, params ReadOnlySpan<string?> parts) => SourceKey.Of([KeyPrefix, UserId, kind, .. parts]);

    /// <summary>The key of something that has none: its bytes, and the minute of its receipt where it has no time either.</summary>
    public string KeyOfBytes(bool hasTime)
    {
        var minute = hasTime ? "" : (context.ReceivedAt.ToUnixTimeSeconds() / 60).ToString(CultureInfo.InvariantCulture);
        return KeyOf("o", Type, minute, SourceKey.HashOf(root.Get("event") ?? root));
    }
}
