using System.Globalization;
using System.Runtime.InteropServices;

namespace VZaps.Gateway.Log.Segments;

/// <summary>One file of the log, open for as long as it is held or read.</summary>
internal sealed class SegmentFile(long number, ILogFile io, string? name = null)
{
    private const string Suffix = ".segment";
    private int _references = 1;
    private long _bytes = io.Length;

    public long Number { get; } = number;

    public uint Generation => (uint)Number;

    public string Name { get; } = name ?? NameOf(number);

    public ILogFile Io { get; } = io;

    /// <summary>The room that it takes on the disk; for any thread.</summary>
    public long Bytes
    {
        get => Volatile.Read(ref _bytes);
        set => Volatile.Write(ref _bytes, value);
    }

    // The writer's (and before it the recovery's) alone.
    public long End { get; set; } = FileHeader.Length;
    public long OldestMs { get; set; } = long.MaxValue;
    public long NewestMs { get; set; }

    public long LastGroup { get; set; }

    /// <summary>What its footer will take at most, as far as it is known; room for it is kept free.</summary>
    public long FooterBytes { get; set; } = FooterFormat.MostWithoutEvents;

    /// <summary>The keys in it, for its footer.</summary>
    public List<KeyEntry> Keys { get; set; } = [];

    /// <summary>The blocks of its index where it is closed and has no footer; else null.</summary>
    public IReadOnlyList<IndexChunk>? KeptBlocks { get; set; }

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

/// <summary>A key in a file: its hash, and where its record is in units of 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct KeyEntry(ulong Hash, uint OffsetUnits);
