using System.Diagnostics;

namespace VZaps.Gateway.Tests.Fixtures;

internal static class Eventually
{
    // No test is slower for it, unless it fails.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Waits until a condition holds; false where it does not within a generous time.</summary>
    public static async Task<bool> HoldsAsync(Func<Task<bool>> condition)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
                return false;
            await Task.Delay(20);
        }

        return true;
    }
}
