namespace VZaps.Cli.Soak;

/// <summary>When the gateway is killed: at each multiple of the period, a quarter of it earlier or later by chance, so that no kill finds what the last one found.</summary>
internal sealed class KillSchedule(TimeSpan every, Random random)
{
    private long _number;

    /// <summary>The next kill, counted from the start. Never more than a quarter of a period late, so that so many kills fit into a run.</summary>
    public TimeSpan Next() => every * (++_number + (0.5 * random.NextDouble()) - 0.25);
}
