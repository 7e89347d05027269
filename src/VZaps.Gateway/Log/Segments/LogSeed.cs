namespace VZaps.Gateway.Log.Segments;

/// <summary>The seed of the log's key hashes, which each of its files has in its header.</summary>
internal static class LogSeed
{
    /// <summary>The seed of the first file that has a header; null where none has.</summary>
    /// <param name="files">The files.</param>
    /// <param name="names">Those to look at, in this order: the newest of events first, as a damaged one may have been given another seed once.</param>
    /// <exception cref="IOException">A file could not be read.</exception>
    public static UInt128? Find(ILogFiles files, IEnumerable<string> names)
    {
        var page = new byte[FileHeader.Length];
        foreach (var name in names)
        {
            using var io = files.Open(name);
            if (io.Read(page, 0) == page.Length && FileHeader.TryRead(page, out var header))
                return header.Seed;
        }

        return null;
    }
}
