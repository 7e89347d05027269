namespace VZaps.Gateway.Log.Segments;

/// <summary>The bytes of a file of keys: a file of the log, with a record for each key and none for an event.</summary>
internal sealed class KeyFileContent
{
    private byte[] _bytes;
    private int _length = FileHeader.Length;

    /// <param name="segment">Whose keys they are.</param>
    /// <exception cref="IOException">The file could not be read.</exception>
    public KeyFileContent(SegmentFile segment)
    {
        var source = SegmentScan.ReadAll(segment.Io);
        _bytes = new byte[FileHeader.Length + (source.Length / 8)];
        if (FileHeader.TryRead(source, out var header))
            (header with { Version = FileHeader.CurrentVersion }).Write(_bytes.AsSpan(0, FileHeader.Length));
        var keys = new SegmentFile(segment.Number, segment.Io) { OldestMs = segment.OldestMs, NewestMs = segment.NewestMs, LastGroup = segment.LastGroup };
        // Over what is damaged, too: the keys behind it count.
        for (var at = FileHeader.Length; (at = SegmentScan.FindSound(source, at, segment.Generation)) >= 0;)
        {
            RecordFormat.TryReadHeader(source.AsSpan(at), segment.Generation, out var record);
            if (record.IsOfFooter)
                break;
            if (record.KeyLength > 0)
            {
                var units = (uint)(_length / 8);
                Moves.Add((new KeyEntry(record.KeyHash, (uint)(at / 8)), units));
                keys.Keys.Add(new KeyEntry(record.KeyHash, units));
                Add(source.AsSpan(at, record.Length), record);
            }

            at += record.PaddedLength;
        }

        keys.End = _length;
        var footer = new FooterWriter(keys).Bytes;
        Reserve(footer.Length);
        footer.CopyTo(_bytes.AsSpan(_length));
        _length += footer.Length;
    }

    /// <summary>Where each key was in the segment, and where it is here.</summary>
    public List<(KeyEntry From, uint ToUnits)> Moves { get; } = [];

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    private void Add(ReadOnlySpan<byte> record, in RecordHeader header)
    {
        var key = header with { Kind = RecordKind.Key, Length = RecordFormat.HeaderLength + header.KeyLength, EnvelopeLength = 0, MoreFollows = false };
        Reserve(key.PaddedLength);
        RecordFormat.Write(
            _bytes.AsSpan(_length), key, RecordFormat.InstanceOf(RecordFormat.Instance(record)), [],
            record.Slice(RecordFormat.HeaderLength + header.EnvelopeLength, header.KeyLength));
        _length += key.PaddedLength;
    }

    private void Reserve(int bytes)
    {
        if (_length + bytes > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + bytes));
    }
}
