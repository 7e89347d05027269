using System.Buffers;
using System.Text.Json;

namespace VZaps.Client.Media;

/// <summary>Reads <c>data.media</c> and <c>data.media_url</c> of an event, or what a server says of a file. What does not fit counts as not said: it is the link that has the file.</summary>
internal static class EventMediaReader
{
    private const int Sha256Digits = 64, LongestName = 64;
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");
    private static readonly SearchValues<char> NameChars = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_");

    /// <summary>The file; null where the event has no link that can be opened.</summary>
    public static EventMedia? Read(VZapsEvent received, MediaAccess access)
    {
        if (received.MediaUrl is not { } url)
            return null;
        var media = Member(received.Data, "media") ?? default;
        // Whoever published the event may have written it.
        var id = Text(media, "id") is { } given && IsName(given) ? given : "";
        return new EventMedia(access, new MediaLink(url, access, MediaRoutes.Renewal(received.InstanceId, id, received.Id)))
        {
            Id = id,
            EventId = received.Id,
            MimeType = Text(media, "mime_type") ?? "application/octet-stream",
            FileName = Text(media, "file_name"),
            Size = Member(media, "size") is { ValueKind: JsonValueKind.Number } size && size.TryGetInt64(out var bytes) && bytes >= 0 ? bytes : null,
            Sha256 = AsSha256(Text(media, "sha256")),
            Status = MediaStatusConverter.Parse(Text(media, "status")),
        };
    }

    /// <summary>The file that the server described; null where it gave no link that can be opened.</summary>
    public static EventMedia? Read(MediaItem item, MediaAccess access) => item.MediaUrl is { IsAbsoluteUri: true } url && IsWeb(url)
        ? new EventMedia(access, new MediaLink(url, access, MediaRoutes.Renewal(item.InstanceId, item.Id, "")))
        {
            Id = item.Id,
            MimeType = item.MimeType,
            FileName = item.FileName,
            Size = item.Size,
            Sha256 = AsSha256(item.Sha256),
            Status = item.Status,
        }
        : null;

    /// <summary>The link of an event's data; null where it has none that can be opened.</summary>
    public static Uri? UrlIn(JsonElement data) => AsLink(Text(data, "media_url"));

    /// <summary>A text that is an absolute web address; null for any other, such as a path, which elsewhere counts as one of a file of this machine.</summary>
    public static Uri? AsLink(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && IsWeb(url) ? url : null;

    public static bool IsWeb(Uri url) => url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps;

    /// <summary>Whether it is 1 to 64 of <c>A-Za-z0-9_-</c>, which leads nowhere, as a part of a path or of an address.</summary>
    public static bool IsName(string text) => text.Length is > 0 and <= LongestName && !text.AsSpan().ContainsAnyExcept(NameChars);

    /// <summary>A text that is a SHA-256 in hex, in lower case; null for any other.</summary>
    public static string? AsSha256(string? text) =>
        text is { Length: Sha256Digits } && !text.AsSpan().ContainsAnyExcept(HexDigits) ? text.ToLowerInvariant() : null;

    private static string? Text(JsonElement of, string name)
    {
        try
        {
            return Member(of, name) is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 } said ? said : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, which JSON allows and text does not.
            return null;
        }
    }

    private static JsonElement? Member(JsonElement of, string name)
    {
        try
        {
            return of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var member) ? member : null;
        }
        catch (InvalidOperationException)
        {
            // The same in a member's name.
            return null;
        }
    }
}
