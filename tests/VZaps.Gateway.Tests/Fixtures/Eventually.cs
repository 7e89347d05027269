using System.Diagnostics;

namespace VZaps.Gateway.Tests.Fixtures;

internal static class Eventually
{
    /// <summary>Waits until a condition holds; false where it does not within a generous time. No test is slower for that, unless it fails.</summary>
    public static async Task<bool> HoldsAsync(Func<Task<bool>> condition, double seconds = 60)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start).TotalSeconds > seconds)
                return false;
            await Task.Delay(20);
        }

        return true;
    }
}
