using System.Net.Sockets;
using VZaps.LoadTest.Results;
using VZaps.LoadTest.Systems;
using VZaps.LoadTest.Workloads;

namespace VZaps.LoadTest;

/// <summary>Runs workloads against systems in turn, A B C A B C, so that what changes in the machine changes for all of them.</summary>
internal static class Comparison
{
    private const int UsualRuns = 3;

    public static async Task<int> RunAsync(IReadOnlyList<string> names, Arguments arguments)
    {
        InlineSockets.Use();
        var workloads = names.Select(name => WorkloadList.Make(name, arguments)).ToList();
        var systems = SystemList.Make(arguments).Where(IsHere).ToList();
        var runs = arguments.Number("runs", UsualRuns);
        var reference = systems.Exists(system => system.Name == SystemList.Reference) ? SystemList.Reference : null;
        var title = $"{Machine.Describe(arguments.Text("folder") ?? Path.GetTempPath())}; medians of {runs} runs{(arguments.Has("extension") ? "; subscribers with the extension" : "")}";
        var table = new ResultTable(title, [.. systems.Select(system => system.Name)], reference);
        foreach (var workload in workloads)
        {
            for (var run = 1; run <= runs; run++)
            {
                foreach (var system in systems)
                    await RunAsync(workload, system, run, table);
            }
        }

        Console.WriteLine(table);
        if (arguments.Text("json") is { } path)
            ResultJson.Write(path, table);
        return table.Failures.Count == 0 ? 0 : 1;
    }

    private static bool IsHere(ISystem system)
    {
        if (system.Missing is { } missing)
            Console.Error.WriteLine($"{system.Name} is left out: {missing}");
        return system.Missing is null;
    }

    private static async Task RunAsync(IWorkload workload, ISystem system, int run, ResultTable table)
    {
        try
        {
            await using var server = await system.StartAsync(workload.Needs);
            var figures = await workload.RunAsync(server);
            table.Add(workload.Name, system.Name, figures);
            Console.Error.WriteLine($"{workload.Name} {run}, {system.Name}: {string.Join("; ", figures.Select(figure => $"{figure.Name} {figure.Value.ToString($"N{figure.Digits}")}"))}");
        }
        catch (Exception failure) when (failure is TimeoutException or InvalidDataException or InvalidOperationException or HttpRequestException or IOException or SocketException)
        {
            // One that fails says so in the table, and the others are still measured.
            table.Fail(workload.Name, system.Name, failure.Message);
            Console.Error.WriteLine($"{workload.Name} {run}, {system.Name}: {failure}");
        }
    }
}
