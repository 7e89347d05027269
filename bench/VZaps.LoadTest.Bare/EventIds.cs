namespace VZaps.LoadTest.Bare;

/// <summary>Ids of the same form as the gateway's: <c>evt_</c> and 26 digits.</summary>
internal static class EventIds
{
    public const int Length = 30;
    private const int Digits = 26;

    public static void Write(long sequence, Span<byte> utf8)
    {
        "evt_"u8.CopyTo(utf8);
        for (var i = Digits - 1; i >= 0; i--)
        {
            utf8[4 + i] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"u8[(int)(sequence & 31)];
            sequence >>= 5;
        }
    }
}
