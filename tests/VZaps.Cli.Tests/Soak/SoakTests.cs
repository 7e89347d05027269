using VZaps.Cli.Tests.Fixtures;
using Xunit;

namespace VZaps.Cli.Tests.Soak;

/// <summary>The built tool with a real gateway as its child.</summary>
public sealed class SoakTests
{
    [Fact]
    public async Task Kills_and_cuts_and_three_thousand_events_lose_nothing()
    {
        var (code, tool) = await Tool.RunAsync(
            null, "soak", "--kills", "2", "--events", "3000", "--cuts", "2", "--kill-every", "3s", "--cut-every", "1s", "--instances", "1", "--publishers", "2", "--seed", "3");
        var output = string.Join('\n', tool.Output);
        Assert.True(code == 0, $"{output}\n{tool.ErrorText}");
        Assert.StartsWith("seed 3;", tool.Output.First(), StringComparison.Ordinal);
        foreach (var consumer in new[] { "steady", "slow", "cut" })
        {
            var account = tool.Output.Single(line => line.StartsWith(consumer + ' ', StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.True(long.Parse(account[2]) >= 3_000, output);
            Assert.Equal(account[2], account[3]);
            Assert.Equal(["0", "0", "0"], account[^3..]);
        }

        Assert.True(NumberAfter(tool, "kills") >= 2, output);
        Assert.True(NumberAfter(tool, "cuts") >= 2, output);
        Assert.Equal(0, NumberAfter(tool, "stored twice"));
    }

    private static long NumberAfter(Tool tool, string field) =>
        long.Parse(tool.Output.Single(line => line.StartsWith(field + ' ', StringComparison.Ordinal))[field.Length..]);
}
