using System.Diagnostics;
using System.Text.RegularExpressions;
using VZaps.EndToEnd.Clients;
using VZaps.EndToEnd.Processes;
using Xunit;

namespace VZaps.EndToEnd.Examples;

/// <summary>The example that is compiled ahead of time: published here, as nothing else finds what trimming and native code break.</summary>
public sealed partial class AotTests(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    /// <summary>What it may grow to before somebody looks.</summary>
    private const long MaxBytes = 16 * 1024 * 1024;

    [Fact]
    public async Task It_is_published_without_a_warning_and_tails_a_real_gateway()
    {
        var folder = Directory.CreateTempSubdirectory("vzaps-aot-").FullName;
        try
        {
            var printed = await PublishAsync(folder);
            Assert.DoesNotContain("warning", printed, StringComparison.OrdinalIgnoreCase);
            var program = Path.Combine(folder, "AotTail");
            var size = new FileInfo(program).Length;
            Assert.InRange(size, 1, MaxBytes);
            TestContext.Current.SendDiagnosticMessage($"AotTail has {size:N0} bytes and {await StartUpAsync(program)}.");
            await TailAsync(program);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task TailAsync(string program)
    {
        var instance = await gateway.Api.CreateInstanceAsync();
        await using var tail = ExampleProcess.StartProgram(program, [], ExampleProcess.PlainSettings(gateway.Process, instance));
        await tail.SeesAsync("tailing");
        var id = (await gateway.Api.PublishAsync(
            instance, """{"type":"Message","data":{"event":{"Info":{"ID":"3EB0","Chat":"c@g.us","PushName":"Ana"},"Message":{"conversation":"hello native"}}}}""")).Single();
        await tail.SeesAsync($"{id} Ana: hello native");
        Assert.Equal(0, await tail.StopAsync("INT"));
    }

    private static async Task<string> StartUpAsync(string program)
    {
        await using var check = ExampleProcess.StartProgram(program, ["--check"], []);
        Assert.Equal(0, await check.EndsAsync());
        await check.SeesAsync("started after");
        return Milliseconds().Match(check.Lines.Last()).Value;
    }

    private static async Task<string> PublishAsync(string folder)
    {
        var start = new ProcessStartInfo("dotnet", [
            "publish", Path.Combine(ExampleProcess.Root, "examples", "AotTail"), "-c", "Release", "--use-current-runtime", "--nologo", "-o", folder,
            // Beside what the solution's build has made, not over it.
            "-p:IntermediateOutputPath=obj/aot/", "-p:OutputPath=bin/aot/"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var publish = Process.Start(start)!;
        var (output, errors) = (publish.StandardOutput.ReadToEndAsync(), publish.StandardError.ReadToEndAsync());
        await publish.WaitForExitAsync(TestContext.Current.CancellationToken);
        var printed = await output + await errors;
        Assert.True(publish.ExitCode == 0, printed);
        return printed;
    }

    [GeneratedRegex("started after [0-9]+ ms", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Milliseconds();
}
