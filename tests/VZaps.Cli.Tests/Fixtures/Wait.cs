using System.Diagnostics;

namespace VZaps.Cli.Tests.Fixtures;

/// <summary>Waits for a condition that nothing signals, such as the output of another process.</summary>
internal static class Wait
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        var started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
                throw new TimeoutException($"After {Patience.TotalSeconds} s still not: {what}.");
            await Task.Delay(Pause);
        }
    }
}
