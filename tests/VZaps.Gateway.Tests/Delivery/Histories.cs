using System.Globalization;
using Xunit;

namespace VZaps.Gateway.Tests.Delivery;

/// <summary>Runs random histories from seeds, so that one that fails can be run again.</summary>
internal static class Histories
{
    /// <summary>The seeds of a run: <c>VZAPS_HISTORY_SEED</c> alone, or as many new ones as <c>VZAPS_HISTORIES</c> says.</summary>
    public static IEnumerable<int> Seeds(int usual)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("VZAPS_HISTORY_SEED"), CultureInfo.InvariantCulture, out var seed))
            return [seed];
        var count = int.TryParse(Environment.GetEnvironmentVariable("VZAPS_HISTORIES"), CultureInfo.InvariantCulture, out var asked) ? asked : usual;
        var first = Random.Shared.Next();
        return Enumerable.Range(0, count).Select(index => unchecked(first + index));
    }

    /// <summary>Runs one history; a failure says which.</summary>
    public static void Run(int seed, Action<Random> history)
    {
        try
        {
            history(new Random(seed));
        }
        catch (Exception failure)
        {
            Assert.Fail($"History {seed} failed (run it alone with VZAPS_HISTORY_SEED={seed}): {failure}");
        }
    }
}
