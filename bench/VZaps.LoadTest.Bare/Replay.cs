namespace VZaps.LoadTest.Bare;

/// <summary>A topic's frames as they stand in the file, up to where the file ended when the reader came.</summary>
internal sealed class Replay(RecycledSegment segment, int topic, long end)
{
    private const int BlockBytes = 64 << 10;

    public async Task WriteToAsync(Stream stream)
    {
        var buffer = new byte[BlockBytes];
        var (offset, inRecord, isOurs) = (0L, 0, false);
        while (offset < end)
        {
            var read = segment.Read(buffer.AsSpan(0, (int)Math.Min(BlockBytes, end - offset)), offset);
            var taken = Take(buffer, read, ref inRecord, ref isOurs, out var kept);
            offset += taken;
            if (kept > 0)
                await stream.WriteAsync(buffer.AsMemory(0, kept));
        }
    }

    /// <summary>Moves the topic's frames together at the buffer's start; returns how much of it was gone through.</summary>
    private int Take(Span<byte> buffer, int read, ref int inRecord, ref bool isOurs, out int kept)
    {
        kept = 0;
        var at = 0;
        while (at < read)
        {
            if (inRecord == 0)
            {
                if (read - at < Record.HeaderBytes)
                    break;
                var record = Record.Read(buffer[at..]);
                (inRecord, isOurs) = (record.Bytes, record.Topic == topic);
                at += Record.HeaderBytes;
                continue;
            }

            var part = Math.Min(inRecord, read - at);
            if (isOurs)
            {
                buffer.Slice(at, part).CopyTo(buffer[kept..]);
                kept += part;
            }

            (at, inRecord) = (at + part, inRecord - part);
        }

        return at;
    }
}
