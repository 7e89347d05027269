using System.Globalization;

namespace VZaps.Gateway.Log.Segments;

/// <summary>One file of the log, open for as long as it is held or read.</summary>
internal sealed class SegmentFile(long number, ILogFile io)
{
    private const string Suffix = ".segment";
    public const string PreparedSuffix = ".prepared";
    private int _references = 1;

    public long Number { get; } = number;

    public uint Generation => (uint)Number;

    public string Name => NameOf(Number);

    public ILogFile Io { get; } = io;

    /// <summary>The room that it takes on the disk.</summary>
    public long Bytes { get; set; } = io.Length;

    // The writer's (and before it the recovery's) alone.
    public long End { get; set; } = FileHeader.Length;
    public long OldestMs { get; set; } = long.MaxValue;
    public long NewestMs { get; set; }

    /// <summary>The hashes of the keys in it, by which the key table forgets them when the file goes.</summary>
    public List<ulong> KeyHashes { get; } = [];

    public static string NameOf(long number) => number.ToString("D12", CultureInfo.InvariantCulture) + Suffix;

    public static bool TryParseName(string name, out long number)
    {
        number = 0;
        return name.EndsWith(Suffix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, name.Length - Suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && name == NameOf(number);
    }

    public void Saw(long timeMs)
    {
        OldestMs = Math.Min(OldestMs, timeMs);
        NewestMs = Math.Max(NewestMs, timeMs);
    }

    /// <summary>Holds it open for a read; false where it has been dropped and closed.</summary>
    public bool TryAcquire()
    {
        for (var seen = Volatile.Read(ref _references); seen > 0;)
        {
            var before = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (before == seen)
                return true;
            seen = before;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
            Io.Dispose();
    }
}
