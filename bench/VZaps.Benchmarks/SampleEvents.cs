using System.Text;
using VZaps.Gateway.Log;

namespace VZaps.Benchmarks;

/// <summary>Messages of 1.1 KB as envelopes.</summary>
internal static class SampleEvents
{
    private const int TextBytes = 720;

    /// <summary>The <c>data</c> of a message.</summary>
    public static byte[] Data { get; } = Encoding.UTF8.GetBytes(
        """{"type":"Message","event":{"Info":{"ID":"3EB0A1B2C3D4E5F60718","Chat":"5511987654321@s.whatsapp.net","Sender":"5511987654321@s.whatsapp.net","IsFromMe":false,"IsGroup":false,"PushName":"Maria Aparecida","Timestamp":"2026-06-23T22:57:17Z"},"Message":{"conversation":" """
        + string.Concat(Enumerable.Repeat("Consegue confirmar o pedido de ontem? ", TextBytes / 38)) + "\"}}}");

    /// <summary>As a publisher sends it.</summary>
    public static byte[] Body { get; } = [.. "{\"type\":\"Message\",\"data\":"u8, .. Data, (byte)'}'];

    /// <summary>As many lines of it.</summary>
    public static byte[] Lines(int count) => [.. Enumerable.Range(0, count).SelectMany(_ => Body.Append((byte)'\n'))];

    /// <summary>A new draft: the log keeps its memory.</summary>
    internal static EventDraft Draft(InstanceId instance)
    {
        var envelope = GC.AllocateUninitializedArray<byte>(EnvelopeWriter.Measure(EventType.Message, Data.Length));
        EnvelopeWriter.Write(EventType.Message, instance, DateTimeOffset.UnixEpoch, [], Data, envelope);
        return new EventDraft(EventType.Message, envelope, default);
    }

    /// <summary>An envelope as it is sent.</summary>
    public static byte[] Envelope(InstanceId instance, long sequence)
    {
        var envelope = new byte[EnvelopeWriter.Measure(EventType.Message, Data.Length)];
        EnvelopeWriter.Write(EventType.Message, instance, DateTimeOffset.UnixEpoch, [], Data, envelope);
        EnvelopeWriter.FillId(envelope, EventPosition.Create(instance, 1_800_000_000_000, sequence));
        return envelope;
    }
}
