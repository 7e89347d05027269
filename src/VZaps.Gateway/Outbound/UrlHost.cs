using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace VZaps.Gateway.Outbound;

/// <summary>The host of a URL in its one plain form.</summary>
/// <remarks>What is odd is refused and not understood: <c>0177.1</c>, <c>2130706433</c> and <c>127.0.0.1.</c> are read differently from one
/// library to the next, and nobody who means well writes them.</remarks>
internal static class UrlHost
{
    private const int MaxLength = 253, MaxLabelLength = 63;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    /// <summary>The host as it is written into a request, an IPv6 address in its brackets.</summary>
    /// <param name="text">The host as the URL has it.</param>
    /// <param name="mistake">What is wrong with it, where it is refused.</param>
    public static string? Read(string text, out string? mistake)
    {
        mistake = null;
        if (text.Length == 0)
            mistake = "it has no host";
        else if (text.Contains('%', StringComparison.Ordinal))
            mistake = "its host has a % (an encoded character or a zone)";
        else if (text[0] == '[')
            return ReadIPv6(text, out mistake);
        else if (text.EndsWith('.'))
            mistake = "its host ends in a dot; leave it out";
        else if (ToAscii(text) is not { } ascii)
            mistake = "its host is no valid name";
        else if (!EndsInNumber(ascii))
            return ascii;
        else if (IsPlainIPv4(text))
            return text;
        else
            mistake = "its host is a number that is no IPv4 address in its usual form, such as 8.8.8.8";
        return null;
    }

    private static string? ReadIPv6(string text, out string? mistake)
    {
        mistake = null;
        if (text[^1] == ']' && IPAddress.TryParse(text.AsSpan(1, text.Length - 2), out var address)
            && address.AddressFamily == AddressFamily.InterNetworkV6)
            return $"[{address}]";
        mistake = "its host is no IPv6 address";
        return null;
    }

    private static string? ToAscii(string text)
    {
        try
        {
            // Letters that only look like others are left to the names' registries; signs and digits of other scripts turn into ours.
            var ascii = Ascii(text) ? text.ToLowerInvariant() : OnlyLetters(text) ? Idn.GetAscii(text.ToLowerInvariant()) : "";
            return ascii.Length is > 0 and <= MaxLength && ascii.Split('.').All(IsLabel) ? ascii : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static bool Ascii(string text) => !text.AsSpan().ContainsAnyExceptInRange('\0', '\x7f');

    private static bool OnlyLetters(string text) => text.EnumerateRunes().All(rune => rune.IsAscii || System.Text.Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.LowercaseLetter or UnicodeCategory.UppercaseLetter or UnicodeCategory.OtherLetter or UnicodeCategory.ModifierLetter
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);

    // An underscore is no letter of a host's name, but names of services have it, and it harms nobody.
    private static bool IsLabel(string label) => label.Length is > 0 and <= MaxLabelLength
        && label.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '-' or '_');

    /// <summary>Whether some library would read the name as a number: its last part is one, decimal or hexadecimal.</summary>
    private static bool EndsInNumber(string name)
    {
        var last = name.AsSpan(name.LastIndexOf('.') + 1);
        return !last.ContainsAnyExceptInRange('0', '9')
            || (last.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && !last[2..].ContainsAnyExcept(HexDigits));
    }

    private static bool IsPlainIPv4(string text) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == text;
}
