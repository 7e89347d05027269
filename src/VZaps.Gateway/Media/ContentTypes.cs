using System.Text;
using Microsoft.Net.Http.Headers;

namespace VZaps.Gateway.Media;

/// <summary>What a file is: by its first bytes where they tell, else as was said. Pure.</summary>
internal static class ContentTypes
{
    public const string Unknown = "application/octet-stream";

    private const int MaxLength = 127;

    /// <summary>A content type as a sender gives it, as it may stand in an answer's head; <see cref="Unknown"/> for what is none.</summary>
    public static string Clean(string? given) =>
        given is { Length: > 0 and <= MaxLength } && given.All(character => character is >= ' ' and < '\u007f') && MediaTypeHeaderValue.TryParse(given, out var type)
            && type is { MatchesAllTypes: false, MatchesAllSubTypes: false }
            ? type.ToString()
            : Unknown;

    /// <summary>What a file is served as; null where it is not what it should be: a page of words in place of a picture, a sound, a film or a PDF.</summary>
    /// <param name="declared">As the event says, cleaned.</param>
    /// <param name="given">As its server says; null for none.</param>
    /// <param name="head">Its first bytes.</param>
    public static string? Of(string declared, string? given, ReadOnlySpan<byte> head)
    {
        var expected = declared == Unknown ? Clean(given) : declared;
        var (wanted, found) = (Base(expected), Sniff(head));
        if (found is null)
            return LooksLikeText(head) ? OfWords(expected) : expected;
        if (found == wanted || (Signatures.ContainersOf(found) is { } inside && inside(wanted)))
            return expected; // with its parameters, such as the codec
        if (IsPage(found))
            return declared == Unknown ? found : IsPlaylist(wanted) ? null : OfWords(expected);
        return found;
    }

    /// <summary>What a file that is there is served as.</summary>
    public static string OfStored(string declared, ReadOnlySpan<byte> head) => Of(declared, given: null, head) ?? Sniff(head) ?? Unknown;

    /// <summary>What the bytes say by themselves; null where they do not.</summary>
    public static string? Sniff(ReadOnlySpan<byte> head) => Signatures.Find(head);

    /// <summary>Whether a browser may show it in place: pictures, sounds, films, documents that run nothing.</summary>
    public static bool IsInline(string contentType) => Base(contentType) is var type
        && (type is "application/pdf" or "text/plain" || (IsVisual(type) && type != "image/svg+xml"));

    /// <summary>The type alone, without parameters.</summary>
    public static string Base(string contentType) => contentType.Split(';')[0].Trim().ToLowerInvariant();

    /// <summary>The ending of a name for it; empty where none is usual.</summary>
    public static string Extension(string contentType) => Base(contentType) switch
    {
        "image/jpeg" => ".jpg",
        "image/png" => ".png",
        "image/webp" => ".webp",
        "image/gif" => ".gif",
        "audio/ogg" => ".ogg",
        "audio/mpeg" => ".mp3",
        "audio/mp4" => ".m4a",
        "audio/aac" => ".aac",
        "audio/amr" => ".amr",
        "video/mp4" => ".mp4",
        "video/3gpp" => ".3gp",
        "application/pdf" => ".pdf",
        "text/plain" => ".txt",
        _ => "",
    };

    private static bool IsVisual(string type) =>
        type.StartsWith("image/", StringComparison.Ordinal) || type.StartsWith("audio/", StringComparison.Ordinal) || type.StartsWith("video/", StringComparison.Ordinal);

    /// <summary>What words are served as, where this was expected; null where words can only be an error page.</summary>
    private static string? OfWords(string expected)
    {
        var type = Base(expected);
        if (IsNeverWords(type))
            return null;
        // Spreadsheets that are a page inside, calendars and playlists: real files, which nothing is to open as what they say they are.
        return IsVisual(type) || IsPlaylist(type) || type.StartsWith("application/vnd.", StringComparison.Ordinal) || type == "application/msword" ? Unknown : expected;
    }

    /// <summary>Pictures and sounds, and what has a signature: if it is not found, and words are, they are not the file.</summary>
    private static bool IsNeverWords(string type) => type switch
    {
        "image/svg+xml" => false,
        _ when IsPlaylist(type) => false,
        "application/pdf" or "application/zip" or "video/mp4" or "video/3gpp" or "video/quicktime" or "video/webm" or "video/x-matroska" or "video/ogg" => true,
        _ => type.StartsWith("image/", StringComparison.Ordinal) || type.StartsWith("audio/", StringComparison.Ordinal),
    };

    /// <summary>Words by nature, whatever they are called; a page is none.</summary>
    private static bool IsPlaylist(string type) =>
        type is "audio/x-mpegurl" or "audio/mpegurl" or "application/x-mpegurl" or "application/vnd.apple.mpegurl" or "audio/x-scpls" or "audio/scpls";

    private static bool IsPage(string found) => found is "text/html" or "application/xml";

    private static bool LooksLikeText(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty || head.IndexOfAnyExceptInRange((byte)0x20, (byte)0x7e) is -1)
            return !head.IsEmpty;
        foreach (var next in Encoding.UTF8.GetString(head))
        {
            if (char.IsControl(next) && next is not ('\r' or '\n' or '\t'))
                return false;
        }

        return !Encoding.UTF8.GetString(head).AsSpan().TrimEnd('\ufffd').Contains('\ufffd');
    }
}
