using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>Makes the <c>data</c> of an event, and leaves out of it what has to go until it fits into an envelope.</summary>
internal static class EventData
{
    /// <summary>What <c>data</c> may have: an envelope's limit without what stands around it, and without the link of a file.</summary>
    public const int MaxBytes = PublishLimits.MaxEnvelopeBytes - 256 - AttachedMedia.MaxBytes;

    public static JsonWriterOptions JsonOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Writes it.</summary>
    /// <param name="type">The event's type.</param>
    /// <param name="content">Writes the members of <c>event</c>; called again for each level of trimming.</param>
    /// <param name="beside">Writes what stands beside <c>event</c>.</param>
    public static ReadOnlyMemory<byte> Write(EventType type, Action<DataWriter> content, Action<DataWriter>? beside = null)
    {
        for (var level = Trim.None; ; level++)
        {
            var written = WriteTrimmed(level, MaxBytes, data =>
            {
                data.Open();
                data.Text("type", type.Name);
                beside?.Invoke(data);
                data.Open("event");
                content(data);
                if (level > Trim.None)
                    data.Flag("truncated", true);
                data.Close();
                data.Close();
            });
            if (written.Length <= MaxBytes || level == Trim.Everything)
                return written;
        }
    }

    /// <summary>Writes a part of an event, trimmed until it has at most so many bytes (128 KiB and up).</summary>
    public static ReadOnlyMemory<byte> WritePart(int maxBytes, Action<DataWriter, Trim> part)
    {
        for (var level = Trim.None; ; level++)
        {
            var written = WriteTrimmed(level, maxBytes, data => part(data, level));
            if (written.Length <= maxBytes || level == Trim.Everything)
                return written;
        }
    }

    private static ReadOnlyMemory<byte> WriteTrimmed(Trim level, int maxBytes, Action<DataWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer, JsonOptions);
        write(new DataWriter(json, level, maxBytes - DataWriter.BeyondBudget));
        json.Flush();
        return buffer.WrittenMemory;
    }
}
