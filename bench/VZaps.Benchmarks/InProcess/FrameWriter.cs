using System.Buffers.Binary;

namespace VZaps.Benchmarks.InProcess;

/// <summary>A server's frames, back to back.</summary>
internal sealed class FrameWriter
{
    private readonly MemoryStream _frames = new();

    public void Hello() => Text("{\"type\":\"hello\",\"connection_id\":\"c1\",\"consumer\":\"default\",\"consumer_connections\":1,\"resumed_after\":null,\"lag\":0,\"window\":1024,\"ack_timeout_ms\":30000,\"gap\":null}"u8);

    public void Event(byte[] envelope) => Text(envelope);

    public void Batch(IReadOnlyList<byte[]> envelopes)
    {
        var array = new MemoryStream();
        for (var i = 0; i < envelopes.Count; i++)
        {
            array.WriteByte((byte)(i == 0 ? '[' : ','));
            array.Write(envelopes[i]);
        }

        array.WriteByte((byte)']');
        Text(array.ToArray());
    }

    public byte[] ToArray() => _frames.ToArray();

    private void Text(ReadOnlySpan<byte> message)
    {
        Span<byte> header = stackalloc byte[10];
        header[0] = 0x81;
        if (message.Length < 126)
        {
            header[1] = (byte)message.Length;
            header = header[..2];
        }
        else if (message.Length <= ushort.MaxValue)
        {
            header[1] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)message.Length);
            header = header[..4];
        }
        else
        {
            header[1] = 127;
            BinaryPrimitives.WriteUInt64BigEndian(header[2..], (ulong)message.Length);
        }

        _frames.Write(header);
        _frames.Write(message);
    }
}
