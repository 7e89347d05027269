using System.Security.Cryptography;

namespace VZaps.Gateway.Log.Segments;

/// <summary>
/// What is sound in a damaged file, before the damage and behind it: each record where it stood, with fillers in the place of those that are lost.
/// </summary>
internal sealed class Salvage
{
    private readonly uint _generation;

    public Salvage(byte[] damaged, long number, UInt128? seed, bool isLast)
    {
        _generation = (uint)number;
        var bytes = damaged.ToArray();
        var hasHeader = FileHeader.TryRead(bytes, out var header);
        Seed = hasHeader ? header.Seed : seed ?? BitConverter.ToUInt128(RandomNumberGenerator.GetBytes(16));
        if (bytes.Length >= FileHeader.Length && !hasHeader)
            new FileHeader(FileHeader.CurrentVersion, number, Seed).Write(bytes.AsSpan(0, FileHeader.Length));
        var end = FillHoles(bytes, isLast);
        Bytes = bytes[..(int)SegmentScan.Check(bytes.AsSpan(0, end), _generation).End];
    }

    /// <summary>The file as it goes on; a header alone, or less, where nothing was sound.</summary>
    public byte[] Bytes { get; }

    public UInt128 Seed { get; }

    public int KeptRecords { get; private set; }

    public long LostBytes { get; private set; }

    /// <summary>Returns where the last sound record ends.</summary>
    private int FillHoles(byte[] bytes, bool isLast)
    {
        var end = Math.Min(FileHeader.Length, bytes.Length);
        RecordHeader last = default;
        var recordsEnd = isLast ? end : bytes.Length & ~7;
        for (var at = end; (at = SegmentScan.FindSound(bytes, at, _generation)) >= 0;)
        {
            RecordFormat.TryReadHeader(bytes.AsSpan(at), _generation, out var header);
            if (header.IsOfFooter)
            {
                // The records went up to the footer, whether or not the last ones are sound.
                recordsEnd = (int)Math.Clamp(header.GroupStart * 8L, end, at);
                break;
            }

            Fill(bytes.AsSpan(end, at - end), header);
            at += header.PaddedLength;
            end = at;
            last = header;
            KeptRecords++;
        }

        // The last file may end in the middle of a request, which was never answered then; any other had its requests whole.
        if (recordsEnd - end < RecordFormat.HeaderLength || KeptRecords == 0)
        {
            LostBytes += bytes.AsSpan(end).LastIndexOfAnyExcept((byte)0) + 1;
            return end;
        }

        Fill(bytes.AsSpan(end, recordsEnd - end), last);
        return recordsEnd;
    }

    private void Fill(Span<byte> hole, in RecordHeader next)
    {
        LostBytes += hole.Length;
        while (!hole.IsEmpty)
        {
            // What is left must be a record, too.
            var length = hole.Length <= RecordFormat.MaxLength ? hole.Length : RecordFormat.MaxLength - RecordFormat.HeaderLength;
            hole[..length].Clear();
            var bodyLength = length - RecordFormat.HeaderLength;
            var filler = new RecordHeader(
                length, RecordKind.Filler, MoreFollows: false, 0, next.GroupStart, _generation, next.Group, 0, 0, 0, bodyLength, 0);
            RecordFormat.Write(hole, filler, default, hole[RecordFormat.HeaderLength..length], []);
            hole = hole[length..];
        }
    }
}
