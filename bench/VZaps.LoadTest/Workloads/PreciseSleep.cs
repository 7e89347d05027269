using System.Runtime.InteropServices;

namespace VZaps.LoadTest.Workloads;

/// <summary>Sleeps to the microsecond, where the framework's sleep has milliseconds and spinning would take a core from what is measured.</summary>
internal static partial class PreciseSleep
{
    private const int MonotonicClock = 1; // the clock of Stopwatch's timestamps
    private const int AbsoluteTime = 1;
    private const int SetTimerSlack = 29;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Asks the kernel to wake this thread in time, instead of up to 50 µs later.</summary>
    public static void Prepare() => _ = Control(SetTimerSlack, 1, 0, 0, 0);

    /// <summary>Sleeps until a <see cref="System.Diagnostics.Stopwatch"/> timestamp; returns at once where it has passed.</summary>
    public static void Until(long timestamp)
    {
        var time = new TimeSpec(timestamp / NanosecondsPerSecond, timestamp % NanosecondsPerSecond);
        while (Sleep(MonotonicClock, AbsoluteTime, in time, 0) != 0)
        {
            // Interrupted by a signal; the time is absolute.
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    private static partial int Sleep(int clock, int flags, in TimeSpec until, nint remaining);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint argument, nuint unused3, nuint unused4, nuint unused5);

    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);
}
