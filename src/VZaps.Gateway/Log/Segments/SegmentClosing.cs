namespace VZaps.Gateway.Log.Segments;

/// <summary>Ends a file that takes no more records.</summary>
internal static class SegmentClosing
{
    /// <summary>Ends a file behind its last record with its footer, durably: a closed file has no other end than its length. What a failed
    /// write left behind that record is gone then. It is one of the closed files, and the index lets go of its entries.</summary>
    /// <remarks>Where the disk has no room for the footer, the file is closed without, and its part of the index stays in memory.</remarks>
    /// <exception cref="LogDiskFullException">It is not ended yet; nothing is written to it, and it can be tried again.</exception>
    /// <exception cref="IOException">It is not known how it ends on the disk.</exception>
    public static void Close(SegmentFile file, SegmentIndex index)
    {
        if (file.End == FileHeader.Length)
        {
            EndWithout(file);
            return; // nothing was written to it, and it is none of the log's
        }

        var footer = new FooterWriter(file, index);
        var isStored = TryStore(file, footer.Bytes);
        if (!isStored)
            EndWithout(file);
        footer.Enter(isStored);
    }

    /// <summary>Takes a file as it is, and keeps its part of the index in memory. A footer that is written behind records which were
    /// closed long ago could be torn, and nothing would tell it from damage to them.</summary>
    public static void KeepAsItIs(SegmentFile file, SegmentIndex index) => new FooterWriter(file, index).Enter(isStored: false);

    private static bool TryStore(SegmentFile file, ReadOnlySpan<byte> footer)
    {
        try
        {
            file.Io.SetLength(file.End + footer.Length);
            file.Io.Write(footer, file.End);
            file.Io.Flush();
            file.Bytes = file.End + footer.Length;
            return true;
        }
        catch (LogDiskFullException)
        {
            return false;
        }
    }

    private static void EndWithout(SegmentFile file)
    {
        file.Io.SetLength(file.End);
        file.Io.Flush();
        file.Bytes = file.End;
    }
}
