using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VZaps.Gateway.Log.Segments;

/// <summary>The footer that stands behind the records of a closed file, so that a start need not read them.</summary>
/// <remarks><code>
///  records' end                                                              the file's end
/// ┌─────────────┬─────────────┬───┬─────────────────┬──────────────────────┬─────────┐
/// │ index block │ index block │ … │ keys (0 or more)│ directory (1 or more)│ trailer │
/// └─────────────┴─────────────┴───┴─────────────────┴──────────────────────┴─────────┘
/// </code>
/// Each part is a record (<see cref="RecordFormat"/>) with its own checksum, of the file's last group, and has the records' end as its
/// group start: so any one of them that is sound says where the records end, whatever became of the others.
/// The directory's entries are sorted by instance and sequence, and each of its records but the last has <see cref="EntriesOfPage"/> of them: a
/// page, that is found and read by itself. (Files of before had them unsorted, in records of 16,384.)
/// An index block is <see cref="IndexEntry"/>s, of the instance in its header, from the sequence in its header on. Keys are <see cref="KeyEntry"/>s.
/// All numbers are little-endian.
/// </remarks>
internal static class FooterFormat
{
    public const int EntryLength = 12;
    public const int DirectoryEntryLength = 80;
    public const int TrailerLength = RecordFormat.HeaderLength + 40;

    /// <summary>Entries of one record; a record has at most <see cref="RecordFormat.MaxLength"/> bytes.</summary>
    public const int KeysInRecord = 128 * 1024, EntriesOfPage = 51;

    /// <summary>Bytes of a full page of the directory, some 4 KiB.</summary>
    public const int PageLength = RecordFormat.HeaderLength + (EntriesOfPage * DirectoryEntryLength);

    public const int MostWithoutEvents = TrailerLength + (2 * RecordFormat.HeaderLength) + DirectoryEntryLength;

    /// <summary>What an event takes with its key, with its share of a full block; and an instance's first block, with its share of a page's header.</summary>
    public const int MostOfEvent = (2 * EntryLength) + 1, MostOfInstance = RecordFormat.HeaderLength + DirectoryEntryLength + 8 + 2;

    public static int BlockLength(int entries) => RecordFormat.HeaderLength + (entries * EntryLength);

    public static ReadOnlySpan<byte> Bytes<T>(ReadOnlySpan<T> entries)
        where T : unmanaged
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("The log's files are little-endian.");
        return MemoryMarshal.AsBytes(entries);
    }

    public static ReadOnlySpan<T> Entries<T>(ReadOnlySpan<byte> body)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(body);
}

/// <summary>What a footer's directory says of one block, or of a mark, which is one without events.</summary>
internal readonly record struct DirectoryEntry(
    InstanceKey Instance, long FirstSequence, long FirstMs, long LastMs, uint Units, int Count, uint EnvelopeBytes, ushort Types)
{
    public bool IsMark => Count == 0;

    public long NextSequence => FirstSequence + Count;

    /// <summary>What is said of a block.</summary>
    public static DirectoryEntry Of(in InstanceKey instance, IndexChunk chunk, uint units)
    {
        var place = chunk.PlaceAt(units);
        return new(instance, place.FirstSequence, place.FirstMs, chunk.TimeMs(place.NextSequence - 1), units, place.Count, place.EnvelopeBytes, place.Types);
    }

    public void Write(Span<byte> destination)
    {
        Instance.Write(destination);
        BinaryPrimitives.WriteInt64LittleEndian(destination[32..], FirstSequence);
        BinaryPrimitives.WriteInt64LittleEndian(destination[40..], FirstMs);
        BinaryPrimitives.WriteInt64LittleEndian(destination[48..], LastMs);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[56..], Units);
        BinaryPrimitives.WriteInt32LittleEndian(destination[60..], Count);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[64..], EnvelopeBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[68..], Types);
        destination[70..FooterFormat.DirectoryEntryLength].Clear();
    }

    public static DirectoryEntry Read(ReadOnlySpan<byte> source) => new(
        InstanceKey.Read(source),
        BinaryPrimitives.ReadInt64LittleEndian(source[32..]), BinaryPrimitives.ReadInt64LittleEndian(source[40..]),
        BinaryPrimitives.ReadInt64LittleEndian(source[48..]), BinaryPrimitives.ReadUInt32LittleEndian(source[56..]),
        BinaryPrimitives.ReadInt32LittleEndian(source[60..]), BinaryPrimitives.ReadUInt32LittleEndian(source[64..]),
        BinaryPrimitives.ReadUInt16LittleEndian(source[68..]));
}

/// <summary>The last record of a closed file.</summary>
internal readonly record struct Trailer(long RecordsEnd, long TablesStart, long OldestMs, long NewestMs, long LastGroup)
{
    public void Write(Span<byte> body)
    {
        BinaryPrimitives.WriteInt64LittleEndian(body, RecordsEnd);
        BinaryPrimitives.WriteInt64LittleEndian(body[8..], TablesStart);
        BinaryPrimitives.WriteInt64LittleEndian(body[16..], OldestMs);
        BinaryPrimitives.WriteInt64LittleEndian(body[24..], NewestMs);
        BinaryPrimitives.WriteInt64LittleEndian(body[32..], LastGroup);
    }

    public static Trailer Read(ReadOnlySpan<byte> body) => new(
        BinaryPrimitives.ReadInt64LittleEndian(body), BinaryPrimitives.ReadInt64LittleEndian(body[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(body[16..]), BinaryPrimitives.ReadInt64LittleEndian(body[24..]),
        BinaryPrimitives.ReadInt64LittleEndian(body[32..]));
}
