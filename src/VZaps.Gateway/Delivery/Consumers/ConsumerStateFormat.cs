namespace VZaps.Gateway.Delivery;

/// <summary>
/// A consumer's state as bytes, small enough to be written every second: a version, then for each type its index, its
/// head, when it was last read, how many events it owes, and those as distances from each other; then the connections
/// that ended with an owed event; then the last gap, and how often it was moved. Numbers are 7-bit encoded, times are Unix milliseconds.
/// </summary>
internal static class ConsumerStateFormat
{
    private const byte FormatVersion = 2;

    public static byte[] Write(ConsumerState state)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(FormatVersion);
        writer.Write7BitEncodedInt(state.Types.Count);
        foreach (var type in state.Types)
        {
            writer.Write(type.TypeIndex);
            writer.Write7BitEncodedInt64(type.Head);
            Write(writer, type.LastReadAt);
            WriteAscending(writer, type.Owed);
        }

        writer.Write7BitEncodedInt(state.ReaderEnds.Count);
        foreach (var (sequence, ends) in state.ReaderEnds)
        {
            writer.Write7BitEncodedInt64(sequence);
            writer.Write7BitEncodedInt(ends.Count);
            foreach (var end in ends)
            {
                writer.Write(end.ConnectionId);
                Write(writer, end.At);
            }
        }

        Write(writer, state.LastGap);
        writer.Write7BitEncodedInt(state.Moves);
        writer.Flush();
        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes were not written by this format.</exception>
    public static ConsumerState Read(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        var version = reader.ReadByte();
        if (version is 0 or > FormatVersion)
            throw new InvalidDataException($"Consumer state has format {version}, and this program reads up to {FormatVersion}: it was written by a newer one.");
        var types = new TypeState[reader.Read7BitEncodedInt()];
        for (var i = 0; i < types.Length; i++)
        {
            var (typeIndex, head) = (reader.ReadByte(), reader.Read7BitEncodedInt64());
            var lastReadAt = version == 1 ? DateTimeOffset.UnixEpoch : ReadTime(reader);
            types[i] = new TypeState(typeIndex, head, ReadAscending(reader), lastReadAt);
        }

        return version == 1
            ? new ConsumerState(types, new Dictionary<long, IReadOnlyList<ReaderEnd>>(), LastGap: null, Moves: 0, Version: 0)
            : new ConsumerState(types, ReadEnds(reader), ReadGap(reader), reader.Read7BitEncodedInt(), Version: 0);
    }

    private static void WriteAscending(BinaryWriter writer, IReadOnlyList<long> sequences)
    {
        writer.Write7BitEncodedInt(sequences.Count);
        var previous = 0L;
        foreach (var sequence in sequences)
        {
            writer.Write7BitEncodedInt64(sequence - previous);
            previous = sequence;
        }
    }

    private static long[] ReadAscending(BinaryReader reader)
    {
        var sequences = new long[reader.Read7BitEncodedInt()];
        var previous = 0L;
        for (var i = 0; i < sequences.Length; i++)
            sequences[i] = previous += reader.Read7BitEncodedInt64();
        return sequences;
    }

    private static Dictionary<long, IReadOnlyList<ReaderEnd>> ReadEnds(BinaryReader reader)
    {
        var count = reader.Read7BitEncodedInt();
        var ends = new Dictionary<long, IReadOnlyList<ReaderEnd>>(count);
        for (var i = 0; i < count; i++)
        {
            var sequence = reader.Read7BitEncodedInt64();
            var ofEvent = new ReaderEnd[reader.Read7BitEncodedInt()];
            for (var j = 0; j < ofEvent.Length; j++)
                ofEvent[j] = new ReaderEnd(reader.ReadString(), ReadTime(reader));
            ends.Add(sequence, ofEvent);
        }

        return ends;
    }

    private static void Write(BinaryWriter writer, Gap? gap)
    {
        writer.Write(gap is not null);
        if (gap is null)
            return;
        writer.Write7BitEncodedInt64(gap.After);
        writer.Write7BitEncodedInt64(gap.ResumedAt);
        writer.Write7BitEncodedInt64(gap.Events);
        Write(writer, gap.At);
    }

    private static Gap? ReadGap(BinaryReader reader) => reader.ReadBoolean()
        ? new Gap(reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), ReadTime(reader))
        : null;

    private static void Write(BinaryWriter writer, DateTimeOffset time) => writer.Write7BitEncodedInt64(time.ToUnixTimeMilliseconds());

    private static DateTimeOffset ReadTime(BinaryReader reader) => DateTimeOffset.FromUnixTimeMilliseconds(reader.Read7BitEncodedInt64());
}
