using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using VZaps.Benchmarks.LogMeasuring;
using VZaps.Gateway.Storage;
using VZaps.Gateway.Webhooks;

namespace VZaps.Benchmarks.WebhookMeasuring;

/// <summary>What a page of delivery logs costs at the beginning, in the middle and at the end of many, by each filter; before it, what keeping them costs.</summary>
internal static class LogPageMeasurement
{
    private const int InFlight = 500, PageSize = 50, Runs = 21;

    private static readonly (string Name, LogFilter Filter)[] Filters =
    [
        ("none", new()),
        ("status=failed", new() { Status = DeliveryStatus.Failed }),
        ("http_status=500", new() { HttpStatus = 500 }),
        ("event_type=Presence", new() { TypeIndex = 2 }),
        ("status=failed, event_type=Presence", new() { Status = DeliveryStatus.Failed, TypeIndex = 2 }),
        ("http_status=500, event_type=Presence", new() { HttpStatus = 500, TypeIndex = 2 }),
        ("status=delivered, http_status=500 (none match)", new() { Status = DeliveryStatus.Delivered, HttpStatus = 500 }),
        ("endpoint=one-of-four", new() { Endpoint = "endpoint-1" }),
        ("event_id", new() { Sequence = 4_321 }),
    ];

    public static async Task<int> RunAsync(MeasurementArguments arguments)
    {
        var logs = (int)arguments.Number("logs", 1_000_000);
        using var folder = new LogFolder();
        await using var services = new ServiceCollection().AddSingleton(new DataFolder(folder.Path)).AddStorage().BuildServiceProvider();
        await services.GetRequiredService<SchemaUpgrade>().RunAsync(default);
        var connections = new DeliveryConnections(services.GetRequiredService<DataFolder>());
        var instance = InstanceId.New();
        var endpoints = await AddEndpointsAsync(services, instance);
        await using var writer = new DeliveryWriter(connections);
        using (var filled = new CancellationTokenSource())
        {
            var others = Task.Run(() => WriteBesideAsync(services, filled.Token));
            await FillAsync(new DeliveryStore(connections, writer, TimeProvider.System), writer, endpoints, logs, folder);
            await filled.CancelAsync();
            Console.WriteLine(await others);
        }

        Console.WriteLine();
        await MeasurePagesAsync(connections, instance);
        await MeasureRetentionAsync(connections, writer, logs);
        SqliteConnection.ClearAllPools();
        return 0;
    }

    private static async Task<long[]> AddEndpointsAsync(ServiceProvider services, InstanceId instance)
    {
        await using var database = await services.GetRequiredService<IDbContextFactory<GatewayDatabase>>().CreateDbContextAsync();
        EndpointRow[] rows = [.. Enumerable.Range(0, 4).Select(n => new EndpointRow { Instance = instance.Value, Name = $"endpoint-{n}" })];
        database.AddRange(rows);
        await database.SaveChangesAsync();
        return [.. rows.Select(row => row.Id)];
    }

    /// <summary>Each with one attempt; every hundredth with its event, which else would be most of what is measured.</summary>
    private static async Task FillAsync(DeliveryStore store, DeliveryWriter writer, long[] endpoints, int logs, LogFolder folder)
    {
        var (watch, cpu, next) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime, 0);
        await Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var n && n <= logs)
                await store.WriteAsync(Write(store, endpoints[n % endpoints.Length], n), default);
        })));
        var bytes = new DirectoryInfo(folder.Path).EnumerateFiles().Sum(file => file.Length);
        Console.WriteLine($"{logs:N0} logs over {endpoints.Length} endpoints, {InFlight} writes under way: {logs / watch.Elapsed.TotalSeconds:N0} a second, "
            + $"{(Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / logs:0} CPU-µs a log, {(double)logs / writer.Commits:0} logs a commit, {bytes / logs:N0} bytes a log.");
    }

    /// <summary>What others who write to the same file have to wait meanwhile.</summary>
    private static async Task<string> WriteBesideAsync(ServiceProvider services, CancellationToken filled)
    {
        var (databases, times) = (services.GetRequiredService<IDbContextFactory<GatewayDatabase>>(), new List<double>());
        while (!filled.IsCancellationRequested)
        {
            var start = Stopwatch.GetTimestamp();
            await using (var database = await databases.CreateDbContextAsync(CancellationToken.None))
                await database.Database.ExecuteSqlRawAsync("""UPDATE webhook_endpoints SET "UpdatedAtMilliseconds" = "UpdatedAtMilliseconds" + 1""", CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            await Task.Delay(20, CancellationToken.None);
        }

        times.Sort();
        return $"Another writer of the same file meanwhile, {times.Count:N0} writes: {times[times.Count / 2]:0.0} ms in the middle, {times[times.Count * 99 / 100]:0.0} ms at 99 %, {times[^1]:0.0} ms at most.";
    }

    private static DeliveryWrite Write(DeliveryStore store, long endpoint, int n)
    {
        var isFailed = n % 7 == 0;
        var row = new DeliveryRow
        {
            Id = store.NewId(),
            EndpointId = endpoint,
            Sequence = n,
            EventId = EventPosition.Create(Instance, 1_790_000_000_000 + n, n).ToString(),
            TypeIndex = (byte)(n / endpoint % EventTypeSet.TypeCount),
            Status = isFailed ? DeliveryStatus.Failed : DeliveryStatus.Delivered,
            Attempts = 1,
            HttpStatus = !isFailed ? 200 : n % 2 == 0 ? 500 : null,
            SettledAtMilliseconds = 1_790_000_000_000 + n,
        };
        var attempt = new AttemptRow
        {
            DeliveryId = row.Id,
            AtMilliseconds = 1_790_000_000_000 + n,
            DurationMilliseconds = 40,
            Url = "https://example.com/hooks/vzaps",
            RequestHeaders = RequestHeaders,
            HttpStatus = row.HttpStatus,
            Response = """{"ok":true}""",
        };
        return new DeliveryWrite { Delivery = row, Attempt = attempt, Envelope = n % 100 == 0 ? Envelope : null, Position = new EndpointPosition(endpoint, n) };
    }

    private static async Task MeasurePagesAsync(DeliveryConnections connections, InstanceId instance)
    {
        using var search = new LogSearch(connections);
        Console.WriteLine($"Pages of {PageSize}, `after` a log; the median of {Runs} runs, in ms.");
        Console.WriteLine();
        Console.WriteLine("| filter | logs | first page | middle page | last page | first page by number, counted | last page by number, counted |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        foreach (var (name, filter) in Filters)
        {
            var total = (await search.SearchAsync(instance, filter, new LogPlace(1, 1, null), default))!.Total!.Value;
            var pages = (int)Math.Max(1, (total + PageSize - 1) / PageSize);
            var cells = new List<string>
            {
                await MedianAsync(search, instance, filter, new LogPlace(1, PageSize, long.MaxValue)),
                await MedianAsync(search, instance, filter, new LogPlace(1, PageSize, await LastOfAsync(search, instance, filter, pages / 2))),
                await MedianAsync(search, instance, filter, new LogPlace(1, PageSize, await LastOfAsync(search, instance, filter, pages - 1))),
                await MedianAsync(search, instance, filter, new LogPlace(1, PageSize, null)),
                await MedianAsync(search, instance, filter, new LogPlace(pages, PageSize, null), runs: 5),
            };
            Console.WriteLine($"| {name} | {total:N0} | {string.Join(" | ", cells)} |");
        }

        Console.WriteLine();
    }

    private static async Task MeasureRetentionAsync(DeliveryConnections connections, DeliveryWriter writer, int logs)
    {
        var limits = new LogLimits(TimeSpan.FromDays(3_650), logs - logs / 100, long.MaxValue);
        var retention = new LogRetention(new RetentionRows(connections), writer, limits, TimeProvider.System);
        var watch = Stopwatch.StartNew();
        var removed = await retention.TrimAsync(_ => true, default);
        Console.WriteLine($"Trim of {removed.ByCount:N0} logs by count: {watch.Elapsed.TotalSeconds:0.00} s, {removed.ByCount / watch.Elapsed.TotalSeconds:N0} a second.");
        watch.Restart();
        await retention.TrimAsync(_ => true, default);
        Console.WriteLine($"One that finds nothing to do: {watch.Elapsed.TotalMilliseconds:0.0} ms.");
    }

    /// <summary>The last log of a page; a place that follows all pages before the first.</summary>
    private static async Task<long> LastOfAsync(LogSearch search, InstanceId instance, LogFilter filter, int page) => page < 1
        ? long.MaxValue
        : (await search.SearchAsync(instance, filter, new LogPlace(page, PageSize, null), default))!.Logs[^1].Delivery.Id;

    private static async Task<string> MedianAsync(LogSearch search, InstanceId instance, LogFilter filter, LogPlace place, int runs = Runs)
    {
        var times = new List<double>();
        for (var run = 0; run < runs; run++)
        {
            var start = Stopwatch.GetTimestamp();
            await search.SearchAsync(instance, filter, place, default);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return $"{times.Order().ElementAt(runs / 2):0.0}";
    }

    private static readonly InstanceId Instance = InstanceId.New();
    private static readonly byte[] Envelope = new byte[1_045];

    private const string RequestHeaders = """
        {"content-type":"application/json","user-agent":"vzaps-gateway","webhook-id":"evt_06DJAQ8VN80000000000000000","webhook-timestamp":"1790000000","webhook-signature":"v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=","vzaps-instance-id":"VZABCDEFGHIJKLMNOPQRSTUVWXYZ012345","vzaps-event-type":"Message","vzaps-created-at":"2026-06-23T22:57:17.000Z","vzaps-attempt":"1"}
        """;
}
