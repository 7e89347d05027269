namespace VZaps.Gateway.Log.Segments;

/// <summary>Reads a closed file's footer: all of it but the index blocks, which are read when they are asked for.</summary>
internal sealed class FooterReader
{
    private FooterReader(Trailer trailer) => Trailer = trailer;

    public Trailer Trailer { get; }

    public List<DirectoryEntry> Directory { get; } = [];

    public List<KeyEntry> Keys { get; } = [];

    /// <summary>Reads it; null where the file has none that is sound.</summary>
    /// <exception cref="IOException">The file could not be read.</exception>
    public static FooterReader? TryRead(ILogFile io, uint generation)
    {
        var length = io.Length;
        if (length < FileHeader.Length + FooterFormat.TrailerLength || length % 8 != 0)
            return null;
        var last = new byte[FooterFormat.TrailerLength];
        if (io.Read(last, length - last.Length) != last.Length
            || !RecordFormat.TryRead(last, generation, out var header) || header.Kind != RecordKind.Trailer || header.Length != last.Length)
        {
            return null;
        }

        var trailer = Trailer.Read(RecordFormat.Body(last, header));
        if (trailer.RecordsEnd < FileHeader.Length || trailer.TablesStart < trailer.RecordsEnd || trailer.TablesStart > length - last.Length)
            return null;
        var tables = new byte[length - last.Length - trailer.TablesStart];
        var footer = new FooterReader(trailer);
        return io.Read(tables, trailer.TablesStart) == tables.Length && footer.TryTake(tables, generation) ? footer : null;
    }

    private bool TryTake(ReadOnlySpan<byte> tables, uint generation)
    {
        while (!tables.IsEmpty)
        {
            if (!RecordFormat.TryRead(tables, generation, out var header) || header.PaddedLength > tables.Length)
                return false;
            var body = RecordFormat.Body(tables, header);
            if (header.Kind == RecordKind.Keys)
                Keys.AddRange(FooterFormat.Entries<KeyEntry>(body));
            for (; header.Kind == RecordKind.Directory && !body.IsEmpty; body = body[FooterFormat.DirectoryEntryLength..])
                Directory.Add(DirectoryEntry.Read(body));
            tables = tables[header.PaddedLength..];
        }

        return true;
    }
}
