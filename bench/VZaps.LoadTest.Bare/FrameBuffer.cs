using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace VZaps.LoadTest.Bare;

/// <summary>Envelopes as WebSocket text frames, back to back, the bytes that every subscriber gets.</summary>
internal sealed class FrameBuffer
{
    private const int IdOffset = 7; // behind {"id":"
    private const int LargestHeader = 10;
    private const int EnvelopeOverhead = 192;
    private static readonly byte[] NoId = Encoding.ASCII.GetBytes(new string('0', EventIds.Length));
    private readonly List<int> _idOffsets = new(1);

    public byte[] Bytes { get; private set; } = [];

    public int Length { get; private set; }

    public int Count => _idOffsets.Count;

    /// <summary>Takes the room for so many events with so many bytes in all.</summary>
    public void Reserve(int events, int bytes) =>
        Bytes = GC.AllocateUninitializedArray<byte>(bytes + (events * (EnvelopeOverhead + LargestHeader)));

    /// <summary>Adds an event as <c>{"id":…,"type":…,"instance_id":…,"created_at":…,"data":…}</c>.</summary>
    public void Add(ReadOnlySpan<byte> type, ReadOnlySpan<byte> instance, ReadOnlySpan<byte> createdAt, ReadOnlySpan<byte> data)
    {
        var payload = "{\"id\":\"\",\"type\":\"\",\"instance_id\":\"\",\"created_at\":\"\",\"data\":}".Length
            + EventIds.Length + type.Length + instance.Length + createdAt.Length + data.Length;
        if (Length + LargestHeader + payload > Bytes.Length)
        {
            var larger = new byte[Bytes.Length + LargestHeader + payload];
            Bytes.AsSpan(0, Length).CopyTo(larger);
            Bytes = larger;
        }

        AddHeader(payload);
        _idOffsets.Add(Length + IdOffset);
        Add("{\"id\":\""u8);
        Add(NoId);
        Add("\",\"type\":\""u8);
        Add(type);
        Add("\",\"instance_id\":\""u8);
        Add(instance);
        Add("\",\"created_at\":\""u8);
        Add(createdAt);
        Add("\",\"data\":"u8);
        Add(data);
        Add("}"u8);
    }

    /// <summary>Fills in the ids, which only the writer can give.</summary>
    public void FillIds(long firstSequence)
    {
        for (var i = 0; i < _idOffsets.Count; i++)
            EventIds.Write(firstSequence + i, Bytes.AsSpan(_idOffsets[i], EventIds.Length));
    }

    /// <summary>The time as in an envelope.</summary>
    public static byte[] TimeText(DateTime utc) => Encoding.ASCII.GetBytes(utc.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));

    private void AddHeader(int payload)
    {
        Bytes[Length++] = 0x81; // text, the whole message
        if (payload < 126)
        {
            Bytes[Length++] = (byte)payload;
        }
        else if (payload <= ushort.MaxValue)
        {
            Bytes[Length] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(Bytes.AsSpan(Length + 1), (ushort)payload);
            Length += 3;
        }
        else
        {
            Bytes[Length] = 127;
            BinaryPrimitives.WriteUInt64BigEndian(Bytes.AsSpan(Length + 1), (ulong)payload);
            Length += 9;
        }
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Bytes.AsSpan(Length));
        Length += bytes.Length;
    }
}
