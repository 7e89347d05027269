using System.Globalization;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace VZaps.Gateway.Media;

/// <summary>Names of files as senders give them, made harmless for those who save them. Pure.</summary>
internal static class FileNames
{
    public const int MaxLength = 150;

    /// <summary>The name that a part of a form gives to its file; null for none. Of what may be escaped in quotes, quotes are taken: a backslash is as a rule that of a path.</summary>
    public static string? Given(ContentDispositionHeaderValue disposition) =>
        disposition.FileNameStar.Value ?? HeaderUtilities.RemoveQuotes(disposition.FileName).Value?.Replace("\\\"", "\"", StringComparison.Ordinal);

    /// <summary>The name without folders, control characters and what makes a text run backwards; null where nothing is left.</summary>
    public static string? Clean(string? given)
    {
        if (given is null)
            return null;
        var name = new StringBuilder();
        foreach (var rune in given[(given.LastIndexOfAny(['/', '\\']) + 1)..].EnumerateRunes())
        {
            // Letters of every script stay, and the joiners that some of them need.
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                || rune.Value is (>= 0x202a and <= 0x202e) or (>= 0x2066 and <= 0x2069) or 0xfeff or 0xfffd)
                continue;
            name.Append(rune.ToString());
        }

        var clean = name.ToString().Trim().TrimEnd('.', ' ');
        return clean.Trim('.', ' ').Length == 0 ? null : Cut(clean);
    }

    /// <summary>The header <c>Content-Disposition</c> (RFC 6266): the name in ASCII for old clients, and as it is (RFC 8187).</summary>
    /// <param name="isInline">Whether a browser may show the file in place.</param>
    /// <param name="name">A clean name.</param>
    public static string Disposition(bool isInline, string name)
    {
        var plain = new StringBuilder();
        foreach (var rune in name.EnumerateRunes())
            plain.Append(rune.IsAscii && rune.Value is not ('"' or '%' or ';') ? (char)rune.Value : '_');
        return $"{(isInline ? "inline" : "attachment")}; filename=\"{plain}\"; filename*=UTF-8''{Uri.EscapeDataString(name)}";
    }

    /// <summary>Shortens a name that is too long, and leaves its ending.</summary>
    private static string Cut(string name)
    {
        if (name.Length <= MaxLength)
            return name;
        var dot = name.LastIndexOf('.');
        var ending = dot >= 0 && name.Length - dot <= 16 ? name[dot..] : "";
        var most = MaxLength - ending.Length;
        return name[..(char.IsHighSurrogate(name[most - 1]) ? most - 1 : most)] + ending;
    }
}
