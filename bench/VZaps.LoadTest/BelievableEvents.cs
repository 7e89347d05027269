using System.Globalization;
using System.Text;

namespace VZaps.LoadTest;

/// <summary>Messages as a WhatsApp source would send them, 1.1 KB each as an envelope.</summary>
internal static class BelievableEvents
{
    private const string Words = "Bom dia! Consegue confirmar o pedido de ontem? Preciso da nota fiscal ainda hoje, se for possível. "
        + "O entregador passou e não havia ninguém; pode remarcar para amanhã entre as 9 e as 12? Obrigado pela atenção. ";

    /// <summary>So many events, a line each; each carries its number.</summary>
    public static byte[] Lines(int first, int count)
    {
        var text = new StringBuilder(count * 1_200);
        for (var number = first; number < first + count; number++)
        {
            var chat = (5_511_900_000_000 + (number % 500)).ToString(CultureInfo.InvariantCulture);
            text.Append("{\"type\":\"Message\",\"data\":{\"type\":\"Message\",\"event\":{\"Info\":{\"ID\":\"3EB0")
                .Append(number.ToString("X16", CultureInfo.InvariantCulture))
                .Append("\",\"Chat\":\"").Append(chat).Append("@s.whatsapp.net\",\"Sender\":\"").Append(chat)
                .Append("@s.whatsapp.net\",\"IsFromMe\":false,\"IsGroup\":false,\"PushName\":\"Maria Aparecida\",\"Timestamp\":\"2026-06-23T22:57:17Z\"},\"Message\":{\"conversation\":\"")
                .Append(Words).Append(Words).Append(Words)
                .Append("\"}},\"number\":").Append(number.ToString(CultureInfo.InvariantCulture)).Append("}}\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
