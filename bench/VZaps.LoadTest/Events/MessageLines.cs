using System.Buffers.Text;
using System.Text;

namespace VZaps.LoadTest.Events;

/// <summary>
/// Messages as a WhatsApp source would send them, 1.1 KB each as an envelope. Each carries its number in its message id; all have the
/// same length, so that a request's head can be made once and a number is read where it stands.
/// </summary>
internal static class MessageLines
{
    private const int TemplateCount = 16;
    private const int TextBytes = 660;
    private const int IdDigits = 16;
    private const int ChatDigits = 13;
    private const long FirstChat = 5_511_900_000_000;
    private const int Chats = 500;
    private const string ToId = "{\"type\":\"Message\",\"event\":{\"Info\":{\"ID\":\"3EB0";
    private const string ToChat = "\",\"Chat\":\"";
    private const string ToSender = "@s.whatsapp.net\",\"Sender\":\"";

    private static readonly string[] Sentences =
    [
        "Bom dia! Consegue confirmar o pedido de ontem?", "Preciso da nota fiscal ainda hoje, se for possível.",
        "O entregador passou e não havia ninguém; pode remarcar para amanhã entre as 9 e as 12?", "Obrigado pela atenção.",
        "Segue o comprovante do Pix, valor de R$ 182,40.", "Qual é o prazo para a Zona Sul?", "A peça veio com defeito, queria trocar por outra igual.",
        "Vocês têm o tamanho 42 em azul-marinho?", "Já paguei, mas o boleto continua em aberto no aplicativo.", "Fechado, então fica para quinta-feira às 15h.",
        "Podem mandar a localização da loja?", "Minha mãe vai receber por mim, o nome dela é Conceição.", "Perfeito, muito obrigada!", "Ainda não chegou o código de rastreio.",
    ];

    private static readonly byte[][] Templates = [.. Enumerable.Range(0, TemplateCount).Select(Template)];

    private static int IdOffset => LineToData + ToId.Length;

    private static int ChatOffset => IdOffset + IdDigits + ToChat.Length;

    private static int SenderOffset => ChatOffset + ChatDigits + ToSender.Length;

    private static int LineToData => "{\"type\":\"Message\",\"data\":".Length;

    /// <summary>Bytes of a line, without its end.</summary>
    public static int LineBytes => Templates[0].Length;

    /// <summary>Bytes of its <c>data</c>.</summary>
    public static int DataBytes => LineBytes - LineToData - 1;

    /// <summary>Where, in an event's data, the digits of its number begin.</summary>
    public static int NumberInData => ToId.Length;

    /// <summary>Writes the line of an event.</summary>
    public static void Write(int number, Span<byte> line)
    {
        Templates[number % TemplateCount].CopyTo(line);
        var chat = FirstChat + (number % Chats);
        Utf8Formatter.TryFormat((ulong)number, line.Slice(IdOffset, IdDigits), out _, new('X', IdDigits));
        Utf8Formatter.TryFormat(chat, line.Slice(ChatOffset, ChatDigits), out _);
        Utf8Formatter.TryFormat(chat, line.Slice(SenderOffset, ChatDigits), out _);
    }

    /// <summary>Writes an event's data alone.</summary>
    public static void WriteData(int number, Span<byte> data)
    {
        Span<byte> line = stackalloc byte[LineBytes];
        Write(number, line);
        line.Slice(LineToData, DataBytes).CopyTo(data);
    }

    /// <summary>Reads the number from a place where it was found.</summary>
    public static bool TryReadNumber(ReadOnlySpan<byte> digits, out int number) =>
        Utf8Parser.TryParse(digits[..IdDigits], out number, out var read, 'X') && read == IdDigits;

    private static byte[] Template(int which)
    {
        var random = new Random(which);
        var text = new StringBuilder();
        while (Encoding.UTF8.GetByteCount(text.ToString()) < TextBytes)
            text.Append(Sentences[random.Next(Sentences.Length)]).Append(' ');
        while (Encoding.UTF8.GetByteCount(text.ToString()) > TextBytes)
            text.Length--;
        text.Append('.', TextBytes - Encoding.UTF8.GetByteCount(text.ToString()));
        return Encoding.UTF8.GetBytes("{\"type\":\"Message\",\"data\":" + ToId + new string('0', IdDigits) + ToChat + FirstChat + ToSender + FirstChat
            + "@s.whatsapp.net\",\"IsFromMe\":false,\"IsGroup\":false,\"PushName\":\"Maria Aparecida\",\"Timestamp\":\"2026-06-23T22:57:17Z\"},"
            + "\"Message\":{\"conversation\":\"" + text + "\"}}}}");
    }
}
