using System.Collections.Concurrent;
using System.Diagnostics;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd;

/// <summary>The example that the guide begins with, as its own process against a gateway of its own.</summary>
public sealed class QuickstartTests
{
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task It_receives_what_is_published_also_when_the_gateway_is_away_for_ten_seconds_in_between()
    {
        await using var gateway = new GatewayProcess();
        await gateway.StartAsync();
        using var api = new GatewayApi(gateway);
        var instance = await api.CreateInstanceAsync();
        var lines = new ConcurrentQueue<string>();
        using var quickstart = Start(gateway, instance, lines);

        await Wait.UntilAsync(() => lines.Any(line => line.Contains("connected", StringComparison.OrdinalIgnoreCase)), "the quickstart is connected");
        await ExpectAsync(await api.PublishAsync(instance, Event("before")), lines);

        Assert.Equal(0, await gateway.TerminateAsync());
        await Task.Delay(Outage, TestContext.Current.CancellationToken); // the outage is what is tested
        await gateway.StartAsync();
        await ExpectAsync(await api.PublishAsync(instance, $"[{Event("after")},{Event("and more")}]"), lines);

        using (Process.Start("kill", ["-INT", quickstart.Id.ToString()]))
            await quickstart.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, quickstart.ExitCode);
    }

    private static string Event(string text) => $$$$"""{"type":"Message","data":{"event":{"text":"{{{{text}}}}"}}}""";

    private static Task ExpectAsync(string[] ids, ConcurrentQueue<string> lines) => Wait.UntilAsync(
        () => ids.All(id => lines.Any(line => line.Contains(id, StringComparison.Ordinal))), $"the quickstart shows {string.Join(", ", ids)}");

    /// <summary>Where the example was built: here its libraries are not beside it, as the web framework brings them.</summary>
    private static string QuickstartPath()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)); // …/tests/VZaps.EndToEnd/bin/Release/net10.0
        var root = here.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, "examples", "Quickstart", "bin", here.Parent.Name, here.Name, "Quickstart.dll");
    }

    private static Process Start(GatewayProcess gateway, TestInstance instance, ConcurrentQueue<string> lines)
    {
        var start = new ProcessStartInfo("dotnet", [QuickstartPath()]) { UseShellExecute = false, RedirectStandardOutput = true };
        start.Environment["VZAPS_BASE_URL"] = gateway.BaseUrl;
        start.Environment["VZAPS_CLIENT_TOKEN"] = gateway.ClientToken;
        start.Environment["VZAPS_CLIENT_SECRET"] = gateway.ClientSecret;
        start.Environment["VZAPS_INSTANCE_ID"] = instance.Id;
        start.Environment["VZAPS_INSTANCE_TOKEN"] = instance.Token;
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => lines.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        return process;
    }
}
