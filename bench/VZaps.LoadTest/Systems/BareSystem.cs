using System.Globalization;
using VZaps.LoadTest.Events;

namespace VZaps.LoadTest.Systems;

/// <summary>The limit: see VZaps.LoadTest.Bare.</summary>
internal sealed class BareSystem(string? folder) : ISystem
{
    private const int UsualSegmentMiB = 64;
    private const int BytesAnEventAtMost = 1_300;
    private const string SegmentName = "segment";

    public string Name => "bare";

    public string? Missing => null;

    public async Task<IServer> StartAsync(ServerNeeds needs)
    {
        var mebibytes = Math.Max(UsualSegmentMiB, (int)((long)needs.StoredEvents * BytesAnEventAtMost >> 20) + 1);
        var process = ServerProcess.Start(folder, "dotnet", (own, endpoint) =>
        [
            Path.Combine(AppContext.BaseDirectory, "VZaps.LoadTest.Bare.dll"),
            $"http://{endpoint}", Path.Combine(own, SegmentName), mebibytes.ToString(CultureInfo.InvariantCulture),
        ]);
        var http = new HttpClient { BaseAddress = new Uri($"http://{process.Endpoint}") };
        await process.WaitUntilAsync(() => HttpReadiness.IsReadyAsync(http, "/"));
        var instances = Enumerable.Range(0, needs.Instances)
            .Select(number => new HttpInstance("VZ" + number.ToString("D32", CultureInfo.InvariantCulture), Credentials: ""));
        return new HttpServer(process, [.. instances], request => request.IsReplay ? "&from=start" : "", isExtended: false, takenAcks: async () => long.Parse(await http.GetStringAsync(new Uri("/", UriKind.Relative)), CultureInfo.InvariantCulture));
    }
}
