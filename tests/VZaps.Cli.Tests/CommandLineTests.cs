using VZaps.Cli.Tests.Fixtures;
using Xunit;

namespace VZaps.Cli.Tests;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("publish")]
    [InlineData("tail")]
    [InlineData("consumers")]
    [InlineData("consumers", "seek")]
    [InlineData("consumers", "forget")]
    [InlineData("deadletters")]
    [InlineData("deadletters", "redeliver")]
    [InlineData("deadletters", "delete")]
    [InlineData("sources")]
    [InlineData("media")]
    [InlineData("simulate")]
    [InlineData("log", "verify")]
    [InlineData("soak")]
    public async Task Help_has_examples_and_exit_codes(params string[] command)
    {
        var (code, tool) = await Tool.RunAsync(null, [.. command, "--help"]);
        Assert.Equal(0, code);
        Assert.Contains(tool.Output, line => line.Contains("Example", StringComparison.Ordinal));
        Assert.Contains(tool.Output, line => line.Contains("Exit codes", StringComparison.Ordinal));
        Assert.Contains(tool.Output, line => line.TrimStart().StartsWith($"vzaps {string.Join(' ', command)}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_option_of_any_command_takes_a_secret()
    {
        foreach (var command in new[] { "publish", "tail", "consumers", "deadletters", "media" })
        {
            var (_, tool) = await Tool.RunAsync(null, command, "--help");
            var options = tool.Output.SkipWhile(line => line != "Options:").ToList();
            Assert.Contains(options, line => line.Contains("--instance", StringComparison.Ordinal));
            Assert.DoesNotContain(options, line => line.Contains("token", StringComparison.OrdinalIgnoreCase) || line.Contains("secret", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Theory]
    [InlineData("publish", "--type", "Message")]
    [InlineData("publish", "--type", "message", "--data", "{}")]
    [InlineData("publish", "--type", "Message", "--data", "{}", "--created-at", "today")]
    [InlineData("publish", "--key", "k")]
    [InlineData("tail", "--events", "Message,Massage")]
    [InlineData("tail", "--from", "yesterday")]
    [InlineData("tail", "--count", "0")]
    [InlineData("tail", "--count", "many")]
    [InlineData("deadletters", "--limit", "many")]
    [InlineData("soak", "--kill-every", "1ms")]
    [InlineData("soak", "--kill-every", "soon")]
    [InlineData("soak", "--publishers", "0")]
    [InlineData("sources", "set", "telegram")]
    [InlineData("media", "list", "--limit", "0")]
    [InlineData("media", "get")]
    [InlineData("simulate", "cloud", "http://localhost/sources/x")]
    [InlineData("simulate", "wuzapi", "localhost")]
    [InlineData("simulate", "wuzapi", "http://localhost/sources/x", "--rate", "0")]
    [InlineData("nothing")]
    public async Task A_mistake_is_told_in_a_line_or_two_with_exit_code_two(params string[] arguments)
    {
        var (code, tool) = await Tool.RunAsync(null, arguments);
        Assert.Equal(2, code);
        Assert.InRange(tool.Errors.Count(line => line.Length > 0), 1, 3);
    }

    [Fact]
    public async Task A_missing_value_is_told_with_exit_code_two()
    {
        var (code, tool) = await Tool.RunAsync(null, "consumers");
        Assert.Equal(2, code);
        Assert.Contains("VZAPS_INSTANCE_ID", tool.ErrorText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("20s", 20)]
    [InlineData("1.5m", 90)]
    [InlineData("2h", 7_200)]
    [InlineData("7", 7)]
    public void A_time_span_is_a_number_with_a_unit(string text, double seconds)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("5 days")]
    [InlineData("1e99h")]
    public void What_is_no_time_span_is_refused(string text) => Assert.False(Duration.TryParse(text, out _));
}
