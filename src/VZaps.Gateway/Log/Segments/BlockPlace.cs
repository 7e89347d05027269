namespace VZaps.Gateway.Log.Segments;

/// <summary>
/// What is kept in memory of a block of the index in a closed file: enough to know whether it has to be read. Some 40 bytes for up to
/// <see cref="IndexChunk.MaxEntries"/> events.
/// </summary>
/// <param name="File">The file.</param>
/// <param name="FirstSequence">The sequence of its first event; the others follow without a hole.</param>
/// <param name="FirstMs">The append time of its first event.</param>
/// <param name="Units">Where it stands in the file's footer, in units of 8 bytes; or, in a file without one, its number.</param>
/// <param name="Count">How many events it has.</param>
/// <param name="EnvelopeBytes">What their envelopes take together.</param>
/// <param name="Types">The types of the events, as bits.</param>
internal readonly record struct BlockPlace(
    SegmentFile File, long FirstSequence, long FirstMs, uint Units, int Count, uint EnvelopeBytes, ushort Types)
{
    public long NextSequence => FirstSequence + Count;

    public long Offset => (long)Units * 8;

    /// <summary>Whether it has events of some types.</summary>
    public bool HasAnyOf(EventTypeSet types) => (Types & types.ToBits()) != 0;

    /// <summary>Whether all of its events are of some types.</summary>
    public bool HasOnly(EventTypeSet types) => (Types & ~types.ToBits()) == 0;
}
