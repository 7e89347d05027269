namespace VZaps.LoadTest.Workloads;

/// <summary>The workloads by their names, with their usual sizes and what the command line changes of them.</summary>
internal static class WorkloadList
{
    public static IReadOnlyList<string> Names { get; } = ["single", "batch", "latency", "fanout", "many", "idle", "replay", "mixed"];

    /// <exception cref="MisuseException">There is none of that name.</exception>
    public static IWorkload Make(string name, Arguments arguments) => name switch
    {
        "single" => new Throughput("single", arguments.Number("publishers", 64), perRequest: 1, arguments.Number("events", 200_000)),
        "batch" => new Throughput("batch", arguments.Number("publishers", 16), perRequest: 100, arguments.Number("events", 1_000_000)),
        "latency" => new Latency(arguments.Number("rate", 2_000), arguments.Number("seconds", 15)),
        "fanout" => new FanOut(arguments.Number("subscribers", 500), arguments.Number("publishers", 8), arguments.Number("events", 200)),
        "many" => new ManyInstances(arguments.Number("instances", 500), arguments.Number("publishers", 64), arguments.Number("events", 20_000)),
        "idle" => new Idle(arguments.Number("connections", 5_000), arguments.Number("instances", 500), arguments.Number("seconds", 15)),
        "replay" => new ReplayStored(arguments.Number("events", 200_000)),
        "mixed" => new Mixed(arguments.Number("rate", 2_000), arguments.Number("seconds", 15), arguments.Number("events", 200_000)),
        _ => throw new MisuseException($"'{name}' is no workload. Use all or any of: {string.Join(", ", Names)}."),
    };
}
