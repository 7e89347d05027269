using System.Diagnostics;

namespace VZaps.Protocol;

/// <summary>The text form of an <see cref="EventPosition"/>: <c>evt_</c> and 26 characters of Crockford's base32, upper case.</summary>
public static class EventId
{
    private const int Digits = 26;
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
        var value = position.Value;
        for (var i = Digits - 1; i >= 0; i--)
        {
            utf8[4 + i] = Alphabet[(int)(uint)value & 31];
            value >>= 5;
        }
    }

    /// <summary>Reads an id; false where the bytes are none. Only the canonical (upper-case) form is one.</summary>
    public static bool TryRead(ReadOnlySpan<byte> utf8, out EventPosition position)
    {
        position = default;
        // 26 digits hold 130 bits: the first may only use three of its five.
        if (utf8.Length != Length || !utf8.StartsWith("evt_"u8) || utf8[4] > (byte)'7')
            return false;
        UInt128 value = 0;
        foreach (var character in utf8[4..])
        {
            if (character >= Values.Length || Values[character] < 0)
                return false;
            value = value << 5 | (byte)Values[character];
        }

        position = new EventPosition(value);
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
