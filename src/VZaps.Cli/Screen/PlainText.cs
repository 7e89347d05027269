using System.Text;

namespace VZaps.Cli.Screen;

/// <summary>Makes text from outside safe to show: whoever can publish could otherwise steer the reader's terminal.</summary>
internal static class PlainText
{
    /// <summary>Longest text shown of one field, in UTF-16 units.</summary>
    public const int MaxLength = 160;

    /// <summary>The text on one line, without control and direction characters, cut at <see cref="MaxLength"/>.</summary>
    public static string Of(string text)
    {
        var safe = new StringBuilder(Math.Min(text.Length, MaxLength) + 1);
        foreach (var rune in text.EnumerateRunes())
        {
            if (safe.Length + rune.Utf16SequenceLength > MaxLength)
                return safe.Append('…').ToString();
            if (IsSteering(rune))
                safe.Append(' ');
            else
                safe.Append(rune.ToString());
        }

        return safe.ToString();
    }

    /// <summary>A whole text of ours that quotes somebody else's: as long as it is, on one line, without steering characters.</summary>
    public static string OneLine(string text)
    {
        var safe = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            safe.Append(IsSteering(rune) ? " " : rune.ToString());
        return safe.ToString();
    }

    // Line and paragraph separators break the line; U+202A to U+202E and U+2066 to U+2069 turn its direction.
    private static bool IsSteering(Rune rune) =>
        Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029 or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
