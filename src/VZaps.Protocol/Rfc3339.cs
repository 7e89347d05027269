using System.Globalization;
using System.Text;

namespace VZaps.Protocol;

/// <summary>Times as the contract writes them: RFC 3339, UTC, milliseconds (<c>2026-06-23T22:57:17.000Z</c>).</summary>
public static class Rfc3339
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    // So many fraction digits that nobody writes them.
    private const int MaxLength = 64;

    /// <summary>Characters in a time.</summary>
    public const int Length = 24;

    /// <summary>Writes a time; sub-millisecond parts are cut off.</summary>
    /// <param name="time">The time, in any offset.</param>
    /// <param name="utf8">At least <see cref="Length"/> bytes.</param>
    /// <exception cref="ArgumentException">There is less room.</exception>
    public static void Write(DateTimeOffset time, Span<byte> utf8)
    {
        // Digit by digit: each event has a time, and the general formatter showed in the profile of a batch.
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

    /// <summary>Reads a time in UTF-8, as the other overload, but of 64 bytes at most: what is longer is none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out DateTimeOffset time)
    {
        if (TryParseContractForm(utf8, out time))
            return true;
        Span<char> text = stackalloc char[MaxLength];
        return utf8.Length <= MaxLength && Encoding.UTF8.TryGetChars(utf8, text, out var written) && TryParse(text[..written], out time);
    }

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

    private static bool TryParseContractForm(ReadOnlySpan<byte> utf8, out DateTimeOffset time)
    {
        time = default;
        if (utf8.Length != Length || utf8[4] != '-' || utf8[7] != '-' || utf8[10] != 'T' || utf8[13] != ':' || utf8[16] != ':' || utf8[19] != '.' || utf8[23] != 'Z')
            return false;
        var (year, month, day) = (Number(utf8[..4]), Number(utf8[5..7]), Number(utf8[8..10]));
        var (hour, minute, second, millisecond) = (Number(utf8[11..13]), Number(utf8[14..16]), Number(utf8[17..19]), Number(utf8[20..23]));
        // What is out of range is left to the other way, which knows what else there is.
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 59 || millisecond < 0)
            return false;
        time = new DateTimeOffset(year, month, day, hour, minute, second, millisecond, TimeSpan.Zero);
        return true;
    }

    /// <summary>The number that the digits are; -1 where one is none.</summary>
    private static int Number(ReadOnlySpan<byte> digits)
    {
        var number = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9')
                return -1;
            number = number * 10 + (digit - '0');
        }

        return number;
    }
}
