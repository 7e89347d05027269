using System.Diagnostics;
using VZaps.Cli.Tests.Fixtures;
using Xunit;

namespace VZaps.Cli.Tests;

/// <summary>The built tool as a process in a pipe.</summary>
public sealed class DemoTests
{
    private static readonly string[] AllTypes =
    [
        "Message", "ReadReceipt", "Presence", "ChatPresence", "HistorySync",
        "Connected", "Disconnected", "GroupParticipantsAdd", "GroupParticipantsRemove",
    ];

    [Fact]
    public async Task It_shows_all_nine_types_in_plain_text_and_ends_after_its_count_with_nothing_lost()
    {
        using var demo = Tool.Start(null, "demo", "--count", "12");
        Assert.Equal(0, await demo.WaitAsync());

        var lines = demo.Output;
        var output = string.Join('\n', lines);
        Assert.All(AllTypes, type => Assert.Contains(lines, line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is { Length: > 2 } words && words[1] == type));
        Assert.DoesNotContain('\u001b', output);
        Assert.Contains(lines, line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["lost", "0"]);
        var store = lines.Single(line => line.TrimStart().StartsWith("store ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        Assert.False(Directory.Exists(store), $"{store} is left");
    }

    [Fact]
    public async Task What_its_curl_line_publishes_shows_up_and_an_interrupt_ends_it_with_a_summary()
    {
        using var demo = Tool.Start(null, "demo");
        var lines = demo.Output;
        await Wait.UntilAsync(() => lines.Any(line => line.Contains("the phone begins", StringComparison.Ordinal)), "the phone's beginning");

        var curl = lines.Single(line => line.StartsWith("curl ", StringComparison.Ordinal));
        using (var shell = Process.Start(new ProcessStartInfo("bash", ["-c", curl]) { UseShellExecute = false, RedirectStandardOutput = true })!)
        {
            Assert.Contains("\"success\":true", await shell.StandardOutput.ReadToEndAsync(), StringComparison.Ordinal);
            await shell.WaitForExitAsync();
            Assert.Equal(0, shell.ExitCode);
        }

        // The picture that somebody sends is a file, and its link opens.
        await Wait.UntilAsync(() => lines.Any(line => line.Contains("/media/med_", StringComparison.Ordinal)), "a picture's link");
        using (var http = new HttpClient())
        using (var picture = await http.GetAsync(new Uri(lines.First(line => line.Contains("/media/med_", StringComparison.Ordinal)).Trim())))
        {
            Assert.Equal((System.Net.HttpStatusCode.OK, "image/png"), (picture.StatusCode, picture.Content.Headers.ContentType?.MediaType));
            Assert.Equal("PNG"u8.ToArray(), (await picture.Content.ReadAsByteArrayAsync())[1..4]);
        }

        await Wait.UntilAsync(() => lines.Any(line => line.Contains("Hello from curl", StringComparison.Ordinal) && !line.StartsWith("curl ", StringComparison.Ordinal)), "curl's event");
        await demo.InterruptAsync();
        Assert.Equal(0, await demo.WaitAsync());
        Assert.Contains(lines, line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["lost", "0"]);
    }
}
