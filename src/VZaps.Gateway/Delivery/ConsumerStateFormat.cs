namespace VZaps.Gateway.Delivery;

/// <summary>
/// A consumer's state as bytes, small enough to be written every second: a version, then for each type its index, its
/// head, how many events it owes, and those as distances from each other, all as 7-bit encoded integers.
/// </summary>
internal static class ConsumerStateFormat
{
    private const byte FormatVersion = 1;

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
            writer.Write7BitEncodedInt(type.Owed.Count);
            var previous = 0L;
            foreach (var sequence in type.Owed)
            {
                writer.Write7BitEncodedInt64(sequence - previous);
                previous = sequence;
            }
        }

        writer.Flush();
        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes were not written by this format.</exception>
    public static ConsumerState Read(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        var version = reader.ReadByte();
        if (version != FormatVersion)
            throw new InvalidDataException($"Consumer state has format {version}, and this program reads {FormatVersion}: it was written by a newer one.");
        var types = new TypeState[reader.Read7BitEncodedInt()];
        for (var i = 0; i < types.Length; i++)
        {
            var typeIndex = reader.ReadByte();
            var head = reader.Read7BitEncodedInt64();
            var owed = new long[reader.Read7BitEncodedInt()];
            var previous = 0L;
            for (var j = 0; j < owed.Length; j++)
                owed[j] = previous += reader.Read7BitEncodedInt64();
            types[i] = new TypeState(typeIndex, head, owed);
        }

        return new ConsumerState(types, Version: 0);
    }
}
