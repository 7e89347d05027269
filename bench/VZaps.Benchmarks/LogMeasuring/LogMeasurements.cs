using System.Globalization;

namespace VZaps.Benchmarks.LogMeasuring;

/// <summary>What is measured of a log that is too large for a benchmark's many runs. Each prints a line of a table as it goes.</summary>
internal static class LogMeasurements
{
    /// <summary>The measurement of that name; null where there is none.</summary>
    public static Func<string[], Task<int>>? Find(string name) => name switch
    {
        "start" => arguments => StartMeasurement.RunAsync(new MeasurementArguments(arguments)),
        "keys" => arguments => KeyMeasurement.RunAsync(new MeasurementArguments(arguments)),
        "instances" => arguments => InstanceMeasurement.RunAsync(new MeasurementArguments(arguments)),
        "webhook-logs" => arguments => WebhookMeasuring.LogPageMeasurement.RunAsync(new MeasurementArguments(arguments)),
        "receive-allocations" => arguments => ReceiveMeasuring.AllocationMeasurement.RunAsync(new MeasurementArguments(arguments)),
        _ => null,
    };
}

/// <summary><c>--name value</c> pairs.</summary>
internal sealed class MeasurementArguments(string[] arguments)
{
    public double Number(string name, double otherwise) =>
        Text(name) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    public string? Text(string name)
    {
        var at = Array.IndexOf(arguments, "--" + name);
        return at >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : null;
    }

    public bool Has(string name) => arguments.Contains("--" + name);
}
