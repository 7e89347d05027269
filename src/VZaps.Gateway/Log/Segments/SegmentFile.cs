using System.Globalization;
using System.Runtime.InteropServices;

namespace VZaps.Gateway.Log.Segments;

/// <summary>One file of the log, open for as long as it is held or read.</summary>
internal sealed class SegmentFile(long number, ILogFile io, string? name = null)
{
    private const uint KeyFileBit = 1u << 31;

    /// <summary>No number comes so far: at a file a second in 68 years.</summary>
    public const long MostNumber = KeyFileBit - 1;

    internal const string Suffix = ".segment";
    private int _references = 1;
    private long _bytes = io.Length;
    private volatile FileDirectory? _directory;

    public long Number { get; } = number;

    public uint Generation => (uint)Number;

    public string Name { get; } = name ?? NameOf(number);

    /// <summary>What the key table knows it by: the file of a file's keys has another one than that file.</summary>
    public uint KeyTableNumber => name is null ? Generation : Generation | KeyFileBit;

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

    /// <summary>Which instances have events in it; null while it is written.</summary>
    public FileDirectory? Directory
    {
        get => _directory;
        set => _directory = value;
    }

    public static string NameOf(long number) => DigitsOf(number) + Suffix;

    /// <summary>With what the names of all files of a number begin.</summary>
    public static string DigitsOf(long number) => number.ToString("D12", CultureInfo.InvariantCulture);

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

    /// <summary>Holds it open until the end of a <c>using</c>.</summary>
    /// <exception cref="SegmentGoneException">It has been dropped and closed.</exception>
    public Held Hold() => TryAcquire() ? new Held(this) : throw new SegmentGoneException();

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
            Io.Dispose();
    }

    /// <summary>Who holds it open.</summary>
    public readonly struct Held(SegmentFile file) : IDisposable
    {
        public void Dispose() => file.Release();
    }
}

/// <summary>A file was dropped while it was looked at, or the log was closed: ask again, of what is left.</summary>
internal sealed class SegmentGoneException : Exception;

/// <summary>A key in a file: its hash, and where its record is in units of 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct KeyEntry(ulong Hash, uint OffsetUnits);
