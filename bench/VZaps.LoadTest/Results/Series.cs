namespace VZaps.LoadTest.Results;

/// <summary>One figure of one system over all runs.</summary>
/// <param name="Workload">Of which workload.</param>
/// <param name="Figure">Which figure.</param>
/// <param name="System">Of which system.</param>
/// <param name="Digits">Digits behind the point.</param>
internal sealed record Series(string Workload, string Figure, string System, int Digits)
{
    private readonly List<double> _values = [];

    public IReadOnlyList<double> Values => _values;

    public double Median
    {
        get
        {
            var sorted = _values.Order().ToList();
            return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
        }
    }

    /// <summary>How far apart the runs are, as a part of the median.</summary>
    public double Spread => Median == 0 ? 0 : (_values.Max() - _values.Min()) / Math.Abs(Median);

    public void Add(double value) => _values.Add(value);
}
