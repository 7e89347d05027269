using System.Buffers.Binary;

namespace VZaps.Gateway.Log.Segments;

/// <summary>The beginning of each file; records start at its <see cref="Length"/>.</summary>
/// <remarks><code>
///  0           8         12       16          24          40             60       64      4096
/// ┌───────────┬─────────┬────────┬───────────┬───────────┬──────────────┬────────┬───────┐
/// │ VZAPSLOG  │ version │ length │file number│ hash seed │ 0 (reserved) │ CRC32C │   0   │ records …
/// └───────────┴─────────┴────────┴───────────┴───────────┴──────────────┴────────┴───────┘
/// </code>
/// It has a page of its own, so that no write of records touches it. The seed is that of the log's key hashes.
/// </remarks>
internal readonly record struct FileHeader(int Version, long Number, UInt128 Seed)
{
    public const int Length = 4096;
    public const int CurrentVersion = 3;

    /// <summary>The first had no footers, and the second its keys as they were sent; each record says how its own stands.</summary>
    public const int OldestVersion = 1;

    private const int ChecksumOffset = 60;
    private static ReadOnlySpan<byte> Magic => "VZAPSLOG"u8;

    public void Write(Span<byte> page)
    {
        page.Clear();
        Magic.CopyTo(page);
        BinaryPrimitives.WriteInt32LittleEndian(page[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(page[12..], Length);
        BinaryPrimitives.WriteInt64LittleEndian(page[16..], Number);
        BinaryPrimitives.WriteUInt128LittleEndian(page[24..], Seed);
        BinaryPrimitives.WriteUInt32LittleEndian(page[ChecksumOffset..], RecordFormat.Checksum(page[..ChecksumOffset]));
    }

    public static bool TryRead(ReadOnlySpan<byte> page, out FileHeader header)
    {
        header = default;
        if (page.Length < ChecksumOffset + 4 || !page.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(page[ChecksumOffset..]) != Checksum(page))
        {
            return false;
        }

        header = new FileHeader(
            BinaryPrimitives.ReadInt32LittleEndian(page[8..]), BinaryPrimitives.ReadInt64LittleEndian(page[16..]),
            BinaryPrimitives.ReadUInt128LittleEndian(page[24..]));
        return true;
    }

    private static uint Checksum(ReadOnlySpan<byte> page) => RecordFormat.Checksum(page[..ChecksumOffset]);
}
