using VZaps.Gateway.Log.Segments;

namespace VZaps.Benchmarks.LogMeasuring;

/// <summary>
/// A log of any size that takes little of the disk: its closed files have their headers and footers, with the index and the keys of every event, and
/// holes where the records would be. A start reads those and no records, so it is what it would be of a whole log; the events cannot be read.
/// </summary>
internal sealed class SparseLog(string folder, int instances, bool hasKeys)
{
    public const long FileBytes = 64L << 20;
    private const int EnvelopeBytes = 1_045, KeyBytes = 36;
    private readonly Random _random = new(1);
    private readonly InstanceId[] _instances = [.. Enumerable.Range(0, instances).Select(_ => InstanceId.New())];
    private readonly long[] _sequences = new long[instances];

    public IReadOnlyList<InstanceId> Instances => _instances;

    public long Events { get; private set; }

    public int Files { get; private set; }

    /// <summary>Makes files until they have that many bytes together.</summary>
    public void Fill(long bytes)
    {
        var files = new DiskLogFiles(folder);
        var index = new SegmentIndex(new IndexBlocks(NullLogger.Instance), new DirectoryPages(NullLogger.Instance));
        var startMs = DateTimeOffset.UtcNow.AddDays(-2).ToUnixTimeMilliseconds();
        for (; (long)Files * FileBytes < bytes; Files++)
        {
            var number = Files + 1;
            using var io = files.Create(SegmentFile.NameOf(number), 0);
            Fill(new SegmentFile(number, io), index, startMs + (Files * 1_000L));
        }

        files.FlushFolder();
    }

    private void Fill(SegmentFile file, SegmentIndex index, long timeMs)
    {
        var keyBytes = hasKeys ? KeyBytes : 0;
        var recordBytes = RecordFormat.PaddedLength(EnvelopeBytes, keyBytes);
        for (; file.End + recordBytes + file.FooterBytes < FileBytes; Events++, file.End += recordBytes)
        {
            var n = (int)(Events % _instances.Length);
            index.Get(_instances[n]).Add(file, ++_sequences[n], timeMs, file.End, EnvelopeBytes, typeIndex: 0);
            if (hasKeys)
                file.Keys.Add(new KeyEntry((ulong)_random.NextInt64(long.MinValue, long.MaxValue), (uint)(file.End / 8)));
            file.FooterBytes += hasKeys ? FooterFormat.MostOfEvent : FooterFormat.EntryLength + 1;
        }

        file.LastGroup = file.Number;
        file.Saw(timeMs);
        var page = new byte[FileHeader.Length];
        new FileHeader(FileHeader.CurrentVersion, file.Number, Seed: 1).Write(page);
        var footer = new FooterWriter(file, index);
        file.Io.SetLength(file.End + footer.Bytes.Length);
        file.Io.Write(page, 0);
        file.Io.Write(footer.Bytes, file.End);
        file.Io.Flush();
        footer.Enter(isStored: true);
    }
}
