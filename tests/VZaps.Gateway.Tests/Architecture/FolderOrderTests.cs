using System.Text.RegularExpressions;
using Xunit;

namespace VZaps.Gateway.Tests.Architecture;

/// <summary>Data flows one way: a folder of the gateway knows those before it, and a project those below it.</summary>
public sealed partial class FolderOrderTests
{
    /// <summary>Who may know whom: each the ones before it. The composition root, above all, is <c>Hosting</c> and the files beside the folders.</summary>
    private static readonly string[] Order =
        ["Http", "Outbound", "Storage", "Accounts", "Instances", "Log", "Media", "Ingest", "Delivery", "Realtime", "Webhooks", "Operations", "Hosting"];

    private static readonly string Root = RootAbove(AppContext.BaseDirectory);

    [Fact]
    public void A_folder_knows_only_those_before_it()
    {
        var wrong = new List<string>();
        foreach (var (file, line, text) in Lines("src/VZaps.Gateway"))
        {
            var folder = FolderOf(file);
            foreach (Match use in FolderName().Matches(text))
            {
                var target = use.Groups["folder"].Value;
                if (folder is not null && Order.Contains(target) && Array.IndexOf(Order, target) > Array.IndexOf(Order, folder))
                    wrong.Add($"{file}:{line}: {folder} must not know {target}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_folder_has_its_place_in_the_order()
    {
        var folders = Directory.GetDirectories(Path.Combine(Root, "src/VZaps.Gateway")).Select(folder => Path.GetFileName(folder)!);
        Assert.Empty(folders.Except(Order).Except(["bin", "obj", "Properties"]));
    }

    [Fact]
    public void Both_ends_know_the_protocol_and_neither_the_other()
    {
        Assert.DoesNotContain(Lines("src/VZaps.Protocol"), line => OtherProject().IsMatch(line.Text));
        Assert.DoesNotContain(Lines("src/VZaps.Client"), line => line.Text.Contains("VZaps.Gateway", StringComparison.Ordinal));
        Assert.DoesNotContain(Lines("src/VZaps.Gateway"), line => line.Text.Contains("VZaps.Client", StringComparison.Ordinal));
    }

    [Fact]
    public void The_engines_of_the_log_are_known_where_one_is_chosen_and_nowhere_else()
    {
        var users = Lines("src/VZaps.Gateway")
            .Where(line => EngineName().IsMatch(line.Text) && !line.File.Contains("/Log/Segments/") && !line.File.Contains("/Log/InMemory/"))
            .Select(line => line.File)
            .Distinct();
        Assert.Equal(["src/VZaps.Gateway/Log/LogRegistration.cs"], users);
    }

    private static IEnumerable<(string File, int Line, string Text)> Lines(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories))
        {
            var file = Path.GetRelativePath(Root, path).Replace('\\', '/');
            if (file.Contains("/obj/") || file.Contains("/bin/") || file.Contains("/Migrations/"))
                continue;
            var number = 0;
            foreach (var text in File.ReadLines(path))
                yield return (file, ++number, text);
        }
    }

    /// <summary>The folder of the gateway that a file is in; null for the composition root's own files.</summary>
    private static string? FolderOf(string file) => file.Split('/') is { Length: > 3 } parts ? parts[2] : null;

    /// <summary>Found from the tests' own folder, as a reproducible build leaves no real path in the assembly.</summary>
    private static string RootAbove(string folder) =>
        File.Exists(Path.Combine(folder, "VZaps.slnx"))
            ? folder
            : RootAbove(Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("No VZaps.slnx above the tests."));

    [GeneratedRegex(@"VZaps\.Gateway\.(?<folder>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex FolderName();

    [GeneratedRegex(@"VZaps\.(Gateway|Client)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex OtherProject();

    [GeneratedRegex(@"VZaps\.Gateway\.Log\.(Segments|InMemory)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex EngineName();
}
