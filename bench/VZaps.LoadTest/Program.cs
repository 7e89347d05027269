using VZaps.LoadTest;
using VZaps.LoadTest.Scenarios;

var scenarios = new Dictionary<string, Func<Arguments, Task<int>>>(StringComparer.Ordinal)
{
    ["catchup"] = CatchUp.RunAsync,
    ["stalled"] = StalledReader.RunAsync,
};

if (args.Length == 0 || !scenarios.TryGetValue(args[0], out var run))
{
    Console.Error.WriteLine($"""
        Measures the gateway as a process of its own, on loopback and in a temporary folder.

          dotnet run -c Release --project bench/VZaps.LoadTest -- NAME [--option value ...]

        catchup   a consumer that has read nothing reads --events (1000000) of 1.1 KB from the log; plain and extension
        stalled   --megabytes (200) are published past a reader that takes nothing; its memory, and another reader's latency
        """);
    return 2;
}

return await run(new Arguments(args[1..]));
