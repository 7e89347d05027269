using System.Text.Json;

namespace VZaps.LoadTest.Results;

/// <summary>The same as JSON, with every run's value.</summary>
internal static class ResultJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static void Write(string path, ResultTable table) => File.WriteAllText(path, JsonSerializer.Serialize(
        new
        {
            table.Title,
            Figures = table.All.Select(series => new { series.Workload, series.Figure, series.System, series.Median, series.Spread, series.Values }),
            table.Failures,
        },
        Options));
}
