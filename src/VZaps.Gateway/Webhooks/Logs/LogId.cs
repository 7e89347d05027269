using VZaps.Protocol;

namespace VZaps.Gateway.Webhooks;

/// <summary>The id of a delivery, and so of its log: 44 bits of creation time (Unix milliseconds) and 20 of a counter, so that ids sort by creation and a
/// time range is a range of ids. Its text form is <c>whl_</c> and 13 characters of Crockford's base32.</summary>
internal static class LogId
{
    private const string Prefix = "whl_", Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int Digits = 13, CounterBits = 20;

    /// <summary>Characters in the text form.</summary>
    public const int Length = 17;

    /// <summary>The lowest id that a delivery of that time or later can have.</summary>
    public static long FirstOf(DateTimeOffset time) => Math.Clamp(time.ToUnixTimeMilliseconds(), 0, long.MaxValue >> CounterBits) << CounterBits;

    /// <summary>When a delivery began.</summary>
    public static DateTimeOffset CreatedAt(long id) => DateTimeOffset.FromUnixTimeMilliseconds(id >> CounterBits);

    /// <summary>The text form.</summary>
    public static string ToText(long id) => string.Create(Length, id, static (text, value) =>
    {
        Prefix.CopyTo(text);
        for (var i = text.Length - 1; i >= Prefix.Length; i--, value >>= 5)
            text[i] = Alphabet[(int)(value & 31)];
    });

    /// <summary>Reads the text form; only the canonical (upper-case) one is one.</summary>
    public static bool TryParse(string? text, out long id)
    {
        id = 0;
        if (text is not { Length: Length } || !text.StartsWith(Prefix, StringComparison.Ordinal))
            return false;
        foreach (var character in text.AsSpan(Prefix.Length))
        {
            var digit = Alphabet.IndexOf(character, StringComparison.Ordinal);
            // 13 digits hold 65 bits, and an id has 63: what does not fit is none.
            if (digit < 0 || id > long.MaxValue >> 5)
                return false;
            id = id << 5 | (long)digit;
        }

        return true;
    }
}

/// <summary>Gives out ids that rise, also over a clock that goes back and over a restart. Thread-safe.</summary>
/// <param name="time">The clock.</param>
/// <param name="last">The highest id that was ever given out.</param>
internal sealed class LogIdSource(TimeProvider time, long last)
{
    private long _last = last;

    public long Next()
    {
        var ofNow = LogId.FirstOf(time.GetUtcNow());
        while (true)
        {
            var known = Interlocked.Read(ref _last);
            var next = Math.Max(known + 1, ofNow);
            if (Interlocked.CompareExchange(ref _last, next, known) == known)
                return next;
        }
    }
}
