using System.Collections.Concurrent;
using System.Diagnostics;
using Xunit;

namespace VZaps.Cli.Tests;

/// <summary>The built tool as a process in a pipe.</summary>
public sealed class DemoTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly string[] AllTypes =
    [
        "Message", "ReadReceipt", "Presence", "ChatPresence", "HistorySync",
        "Connected", "Disconnected", "GroupParticipantsAdd", "GroupParticipantsRemove",
    ];

    [Fact]
    public async Task It_shows_all_nine_types_in_plain_text_and_ends_after_its_count_with_nothing_lost()
    {
        using var demo = Start(out var lines, "demo", "--count", "12");
        await demo.WaitForExitAsync().WaitAsync(Patience);

        var output = string.Join('\n', lines);
        Assert.Equal(0, demo.ExitCode);
        Assert.All(AllTypes, type => Assert.Contains(lines, line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is { Length: > 2 } words && words[1] == type));
        Assert.DoesNotContain('\u001b', output);
        Assert.Contains(lines, line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["lost", "0"]);
        var store = lines.Single(line => line.TrimStart().StartsWith("store ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        Assert.False(Directory.Exists(store), $"{store} is left");
    }

    [Fact]
    public async Task What_its_curl_line_publishes_shows_up_and_an_interrupt_ends_it_with_a_summary()
    {
        using var demo = Start(out var lines, "demo");
        await UntilAsync(() => lines.Any(line => line.Contains("the phone begins", StringComparison.Ordinal)));

        var curl = lines.Single(line => line.StartsWith("curl ", StringComparison.Ordinal));
        using (var shell = Process.Start(new ProcessStartInfo("bash", ["-c", curl]) { UseShellExecute = false, RedirectStandardOutput = true })!)
        {
            Assert.Contains("\"success\":true", await shell.StandardOutput.ReadToEndAsync(), StringComparison.Ordinal);
            await shell.WaitForExitAsync();
            Assert.Equal(0, shell.ExitCode);
        }

        await UntilAsync(() => lines.Any(line => line.Contains("Hello from curl", StringComparison.Ordinal) && !line.StartsWith("curl ", StringComparison.Ordinal)));
        using (Process.Start("kill", ["-INT", demo.Id.ToString()]))
            await demo.WaitForExitAsync().WaitAsync(Patience);
        Assert.Equal(0, demo.ExitCode);
        Assert.Contains(lines, line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["lost", "0"]);
    }

    private static Process Start(out ConcurrentQueue<string> lines, params string[] arguments)
    {
        var written = lines = new ConcurrentQueue<string>();
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)); // …/tests/VZaps.Cli.Tests/bin/Release/net10.0
        var root = here.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        var folder = new DirectoryInfo(Path.Combine(root, "src", "VZaps.Cli", "bin", here.Parent.Name, here.Name));
        var tool = folder.GetFiles("*.runtimeconfig.json").Select(file => file.Name[..^".runtimeconfig.json".Length]).Single(name => name.Contains("Cli") || name == "vzaps");
        var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(folder.FullName, tool + ".dll"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        process.OutputDataReceived += (_, line) => written.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        return process;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, "what was waited for did not come");
            await Task.Delay(20);
        }
    }
}
