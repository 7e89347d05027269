using System.Globalization;
using System.Text;

namespace VZaps.LoadTest.Results;

/// <summary>All that was measured, as one table: a row a figure, and for each system its median, the spread over the runs and the ratio to the bare server.</summary>
internal sealed class ResultTable(string title, IReadOnlyList<string> systems, string? reference)
{
    private readonly List<Series> _series = [];
    private readonly List<string> _failures = [];

    public string Title => title;

    public IReadOnlyList<Series> All => _series;

    public IReadOnlyList<string> Failures => _failures;

    public void Add(string workload, string system, IEnumerable<Figure> figures)
    {
        foreach (var figure in figures)
        {
            var series = Find(workload, figure.Name, system);
            if (series is null)
                _series.Add(series = new Series(workload, figure.Name, system, figure.Digits));
            series.Add(figure.Value);
        }
    }

    public void Fail(string workload, string system, string reason) => _failures.Add($"{workload}, {system}: {reason}");

    /// <summary>The table in Markdown.</summary>
    public override string ToString()
    {
        var rows = new List<string[]> { Header(), };
        rows.AddRange(_series.Select(series => (series.Workload, series.Figure)).Distinct().Select(Row));
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder().AppendLine(title).AppendLine();
        for (var i = 0; i < rows.Count; i++)
        {
            text.Append('|').AppendJoin('|', rows[i].Select((cell, column) => ' ' + (column < 2 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])) + ' ')).AppendLine("|");
            if (i == 0)
                text.Append('|').AppendJoin('|', widths.Select((width, column) => column < 2 ? new string('-', width + 2) : new string('-', width + 1) + ":")).AppendLine("|");
        }

        foreach (var failure in _failures)
            text.AppendLine().Append("FAILED: ").AppendLine(failure);
        return text.ToString();
    }

    private string[] Header() => ["workload", "figure", .. systems.SelectMany(system => Ratio(system) ? new[] { system, "±", $"x {reference}" } : [system, "±"])];

    private string[] Row((string Workload, string Figure) row)
    {
        var cells = new List<string> { row.Workload, row.Figure };
        var against = reference is null ? null : Find(row.Workload, row.Figure, reference);
        foreach (var system in systems)
        {
            var series = Find(row.Workload, row.Figure, system);
            cells.Add(series?.Median.ToString($"N{series.Digits}", CultureInfo.InvariantCulture) ?? "");
            // Half of the way from the lowest to the highest: what "±" means to a reader.
            cells.Add(series is null ? "" : (series.Spread / 2).ToString("0 %", CultureInfo.InvariantCulture));
            if (Ratio(system))
                cells.Add(series is null || against is null || against.Median == 0 ? "" : (series.Median / against.Median).ToString("0.00", CultureInfo.InvariantCulture));
        }

        return [.. cells];
    }

    private bool Ratio(string system) => reference is not null && system != reference;

    private Series? Find(string workload, string figure, string system) =>
        _series.Find(series => series.Workload == workload && series.Figure == figure && series.System == system);
}
