using VZaps.LoadTest.Workloads;

namespace VZaps.LoadTest.Results;

/// <summary>One thing that was measured.</summary>
/// <param name="Name">What, with its unit.</param>
/// <param name="Value">How much.</param>
/// <param name="Digits">Digits behind the point that mean something.</param>
internal sealed record Figure(string Name, double Value, int Digits = 1)
{
    /// <summary>A rate, and what it cost.</summary>
    /// <param name="what">What is counted, as in <c>events</c>.</param>
    /// <param name="count">How many.</param>
    /// <param name="usage">In what time, and with what.</param>
    public static IReadOnlyList<Figure> OfRate(string what, long count, Usage usage) =>
    [
        new($"{what}/s", count / usage.Elapsed.TotalSeconds, 0),
        new($"server CPU, ms/1,000 {what}", usage.Cpu.TotalMilliseconds * 1_000 / count, 2),
        new($"load CPU, ms/1,000 {what}", usage.OwnCpu.TotalMilliseconds * 1_000 / count, 2),
        Peak(usage),
    ];

    public static Figure Peak(Usage usage) => new("peak memory, MiB", usage.PeakBytes / 1_048_576.0, 0);
}
