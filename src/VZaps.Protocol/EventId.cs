using System.Diagnostics;

namespace VZaps.Protocol;

/// <summary>The text form of an <see cref="EventPosition"/>: <c>evt_</c> and 26 characters of Crockford's base32, upper case.</summary>
public static class EventId
{
    private const int Digits = 26;
    private const ulong LowBits = (1UL << 60) - 1;
    private static ReadOnlySpan<byte> Alphabet => "0123456789ABCDEFGHJKMNPQRSTVWXYZ"u8;
    private static readonly sbyte[] Values = MakeValues();

    /// <summary>Characters (and UTF-8 bytes) in an id.</summary>
    public const int Length = 30;

    /// <summary>Writes the id of a position.</summary>
    /// <param name="position">The position.</param>
    /// <param name="utf8">At least <see cref="Length"/> bytes.</param>
    public static void Write(EventPosition position, Span<byte> utf8)
    {
        "evt_"u8.CopyTo(utf8);
        var digits = utf8.Slice(4, Digits);
        // In words, as each step on 128 bits is several: the low 60 bits are the last 12 digits, the next 60 the 12 before them.
        WriteDigits((ulong)position.Value & LowBits, digits[14..]);
        WriteDigits((ulong)(position.Value >> 60) & LowBits, digits[2..14]);
        WriteDigits((ulong)(position.Value >> 120), digits[..2]);
    }

    /// <summary>Reads an id; false where the bytes are none. Only the canonical (upper-case) form is one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> utf8, out EventPosition position)
    {
        position = default;
        // 26 digits hold 130 bits: the first may only use three of its five.
        if (utf8.Length != Length || !utf8.StartsWith("evt_"u8) || utf8[4] > (byte)'7')
            return false;
        var digits = utf8[4..];
        if (!TryReadDigits(digits[..2], out var high) || !TryReadDigits(digits[2..14], out var middle) || !TryReadDigits(digits[14..], out var low))
            return false;
        position = new EventPosition((UInt128)high << 120 | (UInt128)middle << 60 | low);
        return true;
    }

    private static void WriteDigits(ulong value, Span<byte> digits)
    {
        for (var i = digits.Length - 1; i >= 0; i--)
        {
            digits[i] = Alphabet[(int)value & 31];
            value >>= 5;
        }
    }

    private static bool TryReadDigits(ReadOnlySpan<byte> digits, out ulong value)
    {
        value = 0;
        foreach (var character in digits)
        {
            if (character >= Values.Length || Values[character] < 0)
                return false;
            value = value << 5 | (byte)Values[character];
        }

        return true;
    }

    private static sbyte[] MakeValues()
    {
        var values = new sbyte[128];
        Array.Fill(values, (sbyte)-1);
        for (var i = 0; i < Alphabet.Length; i++)
            values[Alphabet[i]] = (sbyte)i;
        Debug.Assert(Alphabet.Length == 32);
        return values;
    }
}
