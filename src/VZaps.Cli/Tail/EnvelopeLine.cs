using System.Text.Encodings.Web;
using System.Text.Json;

namespace VZaps.Cli.Tail;

/// <summary>An envelope on one line.</summary>
internal static class EnvelopeLine
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The envelope and a line break. The payload is as its publisher wrote it, which may be over several lines: those are joined.</summary>
    public static byte[] Of(ReadOnlyMemory<byte> envelope)
    {
        if (!envelope.Span.ContainsAny((byte)'\n', (byte)'\r'))
            return [.. envelope.Span, (byte)'\n'];
        using var json = JsonDocument.Parse(envelope);
        using var line = new MemoryStream();
        using (var writer = new Utf8JsonWriter(line, Readable))
            json.RootElement.WriteTo(writer);
        line.WriteByte((byte)'\n');
        return line.ToArray();
    }
}
