namespace VZaps.Cli.Soak;

/// <summary>What was asked for on the command line. The run goes on until all of <see cref="Length"/>, <see cref="Events"/>, <see cref="Kills"/> and <see cref="Cuts"/> are reached.</summary>
/// <param name="Length">For how long it publishes at least.</param>
/// <param name="Events">How many events are accepted at least.</param>
/// <param name="Kills">How many kills there are at least.</param>
/// <param name="Cuts">How many connections are cut at least.</param>
/// <param name="Publishers">How many publish at the same time, 1 to 64.</param>
/// <param name="Instances">How many instances, 1 to 16.</param>
/// <param name="KillEvery">From kill to kill, on average.</param>
/// <param name="CutEvery">How long a connection through the proxy lives, on average.</param>
/// <param name="Rate">Events a second that all publishers together aim at.</param>
/// <param name="Seed">Of all that is random.</param>
internal sealed record SoakOptions(
    TimeSpan Length, long Events, int Kills, int Cuts, int Publishers, int Instances, TimeSpan KillEvery, TimeSpan CutEvery, double Rate, int Seed);
