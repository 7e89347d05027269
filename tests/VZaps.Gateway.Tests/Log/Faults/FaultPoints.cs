using Xunit;

namespace VZaps.Gateway.Tests.Log.Faults;

/// <summary>Says how many fault points a test has tried: shown with <c>-showLiveOutput on</c>.</summary>
internal static class FaultPoints
{
    public static void Tell(string what, int operations, int powerCuts = 0) => TestContext.Current.TestOutputHelper?.WriteLine(
        powerCuts > 0 ? $"{what}: {operations} operations, {powerCuts} power cuts" : $"{what}: {operations} operations");
}
