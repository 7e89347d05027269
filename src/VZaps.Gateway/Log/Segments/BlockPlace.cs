namespace VZaps.Gateway.Log.Segments;

/// <summary>
/// What the directory of a closed file says of a block of the index: enough to know whether it has to be read.
/// </summary>
/// <param name="File">The file.</param>
/// <param name="FirstSequence">The sequence of its first event; the others follow without a hole.</param>
/// <param name="FirstMs">The append time of its first event.</param>
/// <param name="Units">Where it stands in the file's footer, in units of 8 bytes.</param>
/// <param name="Count">How many events it has.</param>
/// <param name="EnvelopeBytes">What their envelopes take together.</param>
/// <param name="Types">The types of the events, as bits.</param>
/// <param name="InMemory">The block itself, where the file is written or has no footer; else null.</param>
internal readonly record struct BlockPlace(
    SegmentFile File, long FirstSequence, long FirstMs, uint Units, int Count, uint EnvelopeBytes, ushort Types, IndexChunk? InMemory)
{
    public long NextSequence => FirstSequence + Count;

    public long Offset => (long)Units * 8;

    /// <summary>Whether it has events of some types.</summary>
    public bool HasAnyOf(EventTypeSet types) => (Types & types.ToBits()) != 0;

    /// <summary>Whether all of its events are of some types.</summary>
    public bool HasOnly(EventTypeSet types) => (Types & ~types.ToBits()) == 0;
}
