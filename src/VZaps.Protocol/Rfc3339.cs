using System.Globalization;

namespace VZaps.Protocol;

/// <summary>Times as the contract writes them: RFC 3339, UTC, milliseconds (<c>2026-06-23T22:57:17.000Z</c>).</summary>
public static class Rfc3339
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>Characters in a time.</summary>
    public const int Length = 24;

    /// <summary>Writes a time; sub-millisecond parts are cut off.</summary>
    /// <param name="time">The time, in any offset.</param>
    /// <param name="utf8">At least <see cref="Length"/> bytes.</param>
    /// <exception cref="ArgumentException">There is less room.</exception>
    public static void Write(DateTimeOffset time, Span<byte> utf8)
    {
        // Digit by digit: the general formatter costs four times as much, and each event has a time.
        "0000-00-00T00:00:00.000Z"u8.CopyTo(utf8);
        var utc = time.UtcDateTime;
        WriteDigits(utc.Year, utf8[..4]);
        WriteDigits(utc.Month, utf8[5..7]);
        WriteDigits(utc.Day, utf8[8..10]);
        WriteDigits(utc.Hour, utf8[11..13]);
        WriteDigits(utc.Minute, utf8[14..16]);
        WriteDigits(utc.Second, utf8[17..19]);
        WriteDigits(utc.Millisecond, utf8[20..23]);
    }

    /// <summary>The time as text.</summary>
    public static string ToText(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>
    /// Reads a time with any offset and any number of fraction digits; false where the text is no RFC 3339 time with
    /// date, time and offset.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset time)
    {
        time = default;
        // DateTimeOffset.TryParse takes far more than the RFC does (culture forms, missing offsets): hold it to the shape first.
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] is not ('T' or 't' or ' ') || text[13] != ':' || text[16] != ':')
            return false;
        var hasOffset = text[^1] is 'Z' or 'z' || (text[^3] == ':' && text[^6] is '+' or '-');
        return hasOffset
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out time);
    }

    private static void WriteDigits(int value, Span<byte> digits)
    {
        for (var i = digits.Length - 1; i >= 0; i--)
        {
            digits[i] = (byte)('0' + (value % 10));
            value /= 10;
        }
    }
}
