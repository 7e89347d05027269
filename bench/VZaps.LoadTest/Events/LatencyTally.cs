using System.Diagnostics;
using HdrHistogram;

namespace VZaps.LoadTest.Events;

/// <summary>A tally that also keeps how long each event took since it was due.</summary>
/// <param name="dueAt">By number, when it was due, as a <see cref="Stopwatch"/> timestamp.</param>
/// <param name="countFrom">Events before this one are warm-up.</param>
internal sealed class LatencyTally(long[] dueAt, int countFrom) : Tally(dueAt.Length)
{
    private const long LongestMicroseconds = 600_000_000;
    private const int Digits = 3;
    private readonly LongHistogram _microseconds = new(LongestMicroseconds, Digits);

    public override void Take(int number)
    {
        if (number >= countFrom)
        {
            var took = Stopwatch.GetElapsedTime(Volatile.Read(ref dueAt[number]));
            _microseconds.RecordValue(Math.Clamp((long)took.TotalMicroseconds, 0, LongestMicroseconds));
        }

        base.Take(number);
    }

    /// <summary>A percentile in milliseconds.</summary>
    public double Percentile(double percentile) => _microseconds.GetValueAtPercentile(percentile) / 1000.0;
}
