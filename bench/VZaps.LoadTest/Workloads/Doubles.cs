using VZaps.LoadTest.Events;

namespace VZaps.LoadTest.Workloads;

/// <summary>Whether anything came twice: allowed by the contract, but nothing here gives a reason for it.</summary>
internal static class Doubles
{
    // What would come a second time has had its chance.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(300);

    public static async Task CheckAsync(IReadOnlyCollection<Tally> tallies)
    {
        await Task.Delay(Grace);
        if (tallies.Sum(tally => tally.Doubled) is > 0 and var doubled)
            throw new InvalidDataException($"{doubled} events came twice.");
    }
}
