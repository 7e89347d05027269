using System.Numerics;

namespace VZaps.Cli.Soak;

/// <summary>A set of numbers from 0 up without large holes, a bit each: a million take 125 kB.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class NumberSet
{
    private const int BitsPerWord = 64;
    private readonly Lock _gate = new();
    private ulong[] _words = new ulong[1_024];
    private long _count;

    public long Count
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    /// <summary>Adds a number; false where it was there.</summary>
    public bool Add(long number)
    {
        var (word, bit) = ((int)(number / BitsPerWord), 1UL << (int)(number % BitsPerWord));
        lock (_gate)
        {
            if (word >= _words.Length)
                Array.Resize(ref _words, Math.Max(_words.Length * 2, word + 1));
            if ((_words[word] & bit) != 0)
                return false;
            _words[word] |= bit;
            _count++;
            return true;
        }
    }

    /// <summary>How many of these are not in another set, and the first few of them.</summary>
    public (long Count, IReadOnlyList<long> First) Except(NumberSet other, int first)
    {
        ulong[] mine = Copy(), others = other.Copy();
        var (count, some) = (0L, new List<long>());
        for (var word = 0; word < mine.Length; word++)
        {
            var missing = mine[word] & ~(word < others.Length ? others[word] : 0);
            count += BitOperations.PopCount(missing);
            for (; missing != 0 && some.Count < first; missing &= missing - 1)
                some.Add(((long)word * BitsPerWord) + BitOperations.TrailingZeroCount(missing));
        }

        return (count, some);
    }

    // One lock at a time: two sets that ask each other must not wait for each other.
    private ulong[] Copy()
    {
        lock (_gate)
            return [.. _words];
    }
}
