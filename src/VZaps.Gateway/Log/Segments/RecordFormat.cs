using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace VZaps.Gateway.Log.Segments;

internal enum RecordKind : byte
{
    /// <summary>An event: its envelope, then its idempotency key.</summary>
    Event = 1,

    /// <summary>An instance's last sequence and append time, written before the file of its newest record goes.</summary>
    Mark = 2,

    /// <summary>Nothing, where a record stood that was damaged and given up.</summary>
    Filler = 3,

    /// <summary>An idempotency key whose event has gone; in files of keys.</summary>
    Key = 4,

    // From here on they are a footer's, which say nothing that the others do not.

    /// <summary>The index of up to <see cref="IndexChunk.MaxEntries"/> events of one instance.</summary>
    IndexBlock = 128,

    /// <summary>Hashes of idempotency keys, and where their records are.</summary>
    Keys = 129,

    /// <summary>Which instances have blocks and marks, and where.</summary>
    Directory = 130,

    /// <summary>The file's last bytes: where the rest of the footer is.</summary>
    Trailer = 131,
}

/// <summary>What stands in front of a record's body.</summary>
internal readonly record struct RecordHeader(
    int Length, RecordKind Kind, bool MoreFollows, byte TypeIndex, uint GroupStart, uint Generation, long Group, long Sequence,
    long TimeMs, ulong KeyHash, int EnvelopeLength, int KeyLength)
{
    /// <summary>Whether its key stands as <see cref="KeyMask"/> has it; in records from before that it stands as it was sent.</summary>
    public bool IsKeyMasked { get; init; }

    /// <summary>Bytes up to the next record.</summary>
    public int PaddedLength => RecordFormat.Pad(Length);

    /// <summary>Whether it is one of a closed file's footer.</summary>
    public bool IsOfFooter => Kind >= RecordKind.IndexBlock;
}

/// <summary>The bytes of a record, little-endian and 8-byte aligned.</summary>
/// <remarks><code>
///  0        4        8    9     10   11   12          16          20  24      32        40       48         56         60        62
/// ┌────────┬────────┬────┬─────┬────┬────┬───────────┬───────────┬───┬───────┬─────────┬────────┬──────────┬──────────┬─────────┬───┐
/// │ length │ CRC32C │kind│flags│type│ 0  │group start│generation │ 0 │ group │sequence │time ms │ key hash │ envelope │key bytes│ 0 │
/// └────────┴────────┴────┴─────┴────┴────┴───────────┴───────────┴───┴───────┴─────────┴────────┴──────────┴──────────┴─────────┴───┘
/// 64                 96
/// ┌─────────────────┬──────────────────────┬─────────────────────┬─────────┐
/// │ instance, no VZ │ envelope, UTF-8      │ idempotency key     │ 0 to 8 n│
/// └─────────────────┴──────────────────────┴─────────────────────┴─────────┘
/// </code>
/// Length: header and body without the padding; 0 is no record. CRC32C: over all of it but itself. Flags: 1 = more of this
/// request follows, 2 = the key is masked. Group start: file offset / 8 of the group's first record; it tells a torn group from damage before a
/// later one. Generation: the low half of the file's number, so that a recycled file's old records do not count.
/// Kinds from 128 are a closed file's footer (<see cref="FooterFormat"/>). Zeros are reserved.
/// </remarks>
internal static class RecordFormat
{
    public const int HeaderLength = 96;
    public const int MaxLength = 2 << 20; // an envelope is at most 1 MiB; the rest is headroom
    private const int InstanceOffset = 64;
    private const byte MoreFlag = 1, MaskFlag = 2;

    public static int Pad(int length) => (length + 7) & ~7;

    public static int PaddedLength(int envelopeLength, int keyLength) => Pad(HeaderLength + envelopeLength + keyLength);

    /// <summary>Writes a record, its padding zeroed.</summary>
    public static void Write(
        Span<byte> destination, in RecordHeader header, InstanceId instance, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> key)
    {
        var record = destination[..header.PaddedLength];
        record[..HeaderLength].Clear();
        record[header.Length..].Clear();
        BinaryPrimitives.WriteInt32LittleEndian(record, header.Length);
        record[8] = (byte)header.Kind;
        record[9] = (byte)((header.MoreFollows ? MoreFlag : 0) | (header.IsKeyMasked ? MaskFlag : 0));
        record[10] = header.TypeIndex;
        BinaryPrimitives.WriteUInt32LittleEndian(record[12..], header.GroupStart);
        BinaryPrimitives.WriteUInt32LittleEndian(record[16..], header.Generation);
        BinaryPrimitives.WriteInt64LittleEndian(record[24..], header.Group);
        BinaryPrimitives.WriteInt64LittleEndian(record[32..], header.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(record[40..], header.TimeMs);
        BinaryPrimitives.WriteUInt64LittleEndian(record[48..], header.KeyHash);
        BinaryPrimitives.WriteInt32LittleEndian(record[56..], header.EnvelopeLength);
        BinaryPrimitives.WriteUInt16LittleEndian(record[60..], (ushort)header.KeyLength);
        if (instance != default)
            System.Text.Encoding.ASCII.GetBytes(instance.Value.AsSpan(2), record[InstanceOffset..]);
        envelope.CopyTo(record[HeaderLength..]);
        key.CopyTo(record[(HeaderLength + header.EnvelopeLength)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], Checksum(record[..header.Length]));
    }

    /// <summary>Reads a header; false where the bytes cannot be one of that generation. Says nothing of the body.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> bytes, uint generation, out RecordHeader header)
    {
        header = default;
        if (bytes.Length < HeaderLength)
            return false;
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length is < HeaderLength or > MaxLength)
            return false;
        header = new RecordHeader(
            length, (RecordKind)bytes[8], (bytes[9] & MoreFlag) != 0, bytes[10], BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[48..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[56..]),
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[60..])) { IsKeyMasked = (bytes[9] & MaskFlag) != 0 };
        return header.Generation == generation && header.EnvelopeLength >= 0
            && (long)HeaderLength + header.EnvelopeLength + header.KeyLength == length;
    }

    /// <summary>Reads a whole record; false where it is not sound.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, uint generation, out RecordHeader header) =>
        TryReadHeader(bytes, generation, out header) && header.Length <= bytes.Length
        && BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) == Checksum(bytes[..header.Length]);

    /// <summary>The body of a record that has no key.</summary>
    public static ReadOnlySpan<byte> Body(ReadOnlySpan<byte> record, in RecordHeader header) => record[HeaderLength..header.Length];

    /// <summary>The instance of those 32 characters.</summary>
    /// <exception cref="FormatException">They are none.</exception>
    public static InstanceId InstanceOf(ReadOnlySpan<byte> characters) => InstanceId.Parse("VZ" + System.Text.Encoding.ASCII.GetString(characters));

    /// <summary>The 32 characters of a record's instance, as they stand.</summary>
    public static ReadOnlySpan<byte> Instance(ReadOnlySpan<byte> record) => record.Slice(InstanceOffset, InstanceId.Length - 2);

    public static uint Checksum(ReadOnlySpan<byte> record)
    {
        var crc = BitOperations.Crc32C(uint.MaxValue, BinaryPrimitives.ReadUInt32LittleEndian(record));
        var words = MemoryMarshal.Cast<byte, ulong>(record[8..]);
        foreach (var word in words)
            crc = BitOperations.Crc32C(crc, word);
        foreach (var last in record[(8 + words.Length * 8)..])
            crc = BitOperations.Crc32C(crc, last);
        return ~crc;
    }
}
