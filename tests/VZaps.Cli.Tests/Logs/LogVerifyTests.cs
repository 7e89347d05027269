using VZaps.Cli.Tests.Fixtures;
using Xunit;

namespace VZaps.Cli.Tests.Logs;

/// <summary><c>vzaps log verify</c> on a folder; what the check finds is tested beside it.</summary>
public sealed class LogVerifyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vzaps-verify-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_says_for_each_file_what_it_found_and_its_exit_code_says_whether_all_is_sound()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "log"));
        var (code, tool) = await VerifyAsync(_folder);
        Assert.Equal((0, "0 files, 0 sound events, 0 damaged files."), (code, tool.Output.Last()));

        await File.WriteAllTextAsync(Path.Combine(_folder, "log", "000000000001.segment"), "no header");
        (code, tool) = await VerifyAsync(_folder);
        Assert.Equal((1, "1 files, 0 sound events, 1 damaged files."), (code, tool.Output.Last()));
        Assert.StartsWith("000000000001.segment  DAMAGED  9 bytes", tool.Output.First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_a_gateway_has_or_that_is_not_there_is_told_in_a_line()
    {
        await using (File.Open(Path.Combine(_folder, "gateway.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
            await AssertRefusedAsync(_folder, "held by another gateway");
        await AssertRefusedAsync(Path.Combine(_folder, "nothing"), "There is no folder");
    }

    private static async Task AssertRefusedAsync(string folder, string why)
    {
        var (code, tool) = await VerifyAsync(folder);
        Assert.Equal(1, code);
        Assert.Contains(why, Assert.Single(tool.Errors, line => line.Length > 0), StringComparison.Ordinal);
    }

    private static Task<(int Code, Tool Tool)> VerifyAsync(string folder) => Tool.RunAsync(null, "log", "verify", "--data-path", folder);
}
