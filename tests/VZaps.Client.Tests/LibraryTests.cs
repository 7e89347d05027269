using System.Text.RegularExpressions;

namespace VZaps.Client.Tests;

/// <summary>What the SDK owes to programs that it is a part of.</summary>
public sealed partial class LibraryTests
{
    [Fact]
    public void It_never_blocks_a_thread_and_takes_the_time_from_its_clock()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Sources(), "VZaps.Client"), "*.cs", SearchOption.AllDirectories).Where(file => !IsMade(file)))
        {
            var found = Blocking().Match(File.ReadAllText(file));
            Assert.False(found.Success, $"{file} has '{found.Value}'.");
        }
    }

    [Fact]
    public void It_forces_nothing_on_its_users_but_the_contract_and_ILogger()
    {
        var others = typeof(VZapsClient).Assembly.GetReferencedAssemblies().Select(name => name.Name!)
            .Where(name => !name.StartsWith("System.", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        Assert.Equal(["Microsoft.Extensions.Logging.Abstractions", "VZaps.Protocol"], others);
    }

    private static bool IsMade(string file) => file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal);

    // …/tests/VZaps.Client.Tests/bin/Release/net10.0
    private static string Sources() => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../src"));

    // Durations for a histogram are taken from the machine's own counter; whatever waits or compares goes by the TimeProvider.
    [GeneratedRegex(@"\.Result\b(?!s)|GetAwaiter\(\)\.GetResult|\.Wait\(|Thread\.Sleep|DateTime(Offset)?\.(Utc)?Now|Task\.Delay\([^,()]+\)|async void", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Blocking();
}
