using System.Globalization;
using System.Reflection;
using VZaps.Gateway.Media;
using Xunit;

namespace VZaps.Gateway.Tests.Media;

/// <summary>What the documentation lists is what there is.</summary>
public sealed class MediaDocTests
{
    [Fact]
    public void Every_reason_for_which_a_file_is_not_there_is_listed_with_whether_it_is_tried_again()
    {
        var failures = typeof(MediaFailures).GetMembers(BindingFlags.Public | BindingFlags.Static).Select(member => member switch
        {
            PropertyInfo property => property.GetValue(null),
            MethodInfo { IsSpecialName: false } method => method.Invoke(null, [.. method.GetParameters().Select(parameter => Any(parameter.ParameterType))]),
            _ => null,
        }).OfType<MediaFailure>().ToList();
        Assert.True(failures.Count > 15);
        var rows = Doc("media.md").Split('\n').Where(line => line.StartsWith("| `media_", StringComparison.Ordinal)).Select(line => line.Split('|', StringSplitOptions.TrimEntries)).ToList();
        foreach (var failure in failures)
        {
            var row = Assert.Single(rows, row => row[1] == $"`{failure.Code}`" && row.Length == 5);
            Assert.Equal((failure.Code, failure.IsFinal ? "no" : "yes"), (failure.Code, row[3][..(failure.IsFinal ? 2 : 3)]));
        }
    }

    [Fact]
    public void Every_setting_is_listed_with_its_default()
    {
        var lines = Doc("reference.md").Split('\n').Where(line => line.StartsWith("| `Media:", StringComparison.Ordinal)).ToList();
        var defaults = new MediaOptions();
        foreach (var property in typeof(MediaOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var line = Assert.Single(lines, line => line.Split('|')[1].Contains($"`Media:{property.Name}`", StringComparison.Ordinal));
            var written = property.GetValue(defaults) switch
            {
                TimeSpan[] waits => string.Join(", ", waits.Select(wait => $"`{wait:c}`")),
                IReadOnlyCollection<string> => "none",
                TimeSpan wait => $"`{wait:c}`",
                string text => $"`{text}`",
                IReadOnlyCollection<TimeSpan> waits => string.Join(", ", waits.Select(wait => $"`{wait:c}`")),
                IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
                var other => throw new InvalidOperationException($"{property.Name}: {other}"),
            };
            Assert.True(line.Split('|')[2].Contains(written, StringComparison.Ordinal), $"{property.Name} is {written} and not{line.Split('|')[2]}");
        }
    }

    private static object Any(Type type) => type == typeof(string) ? "x" : Activator.CreateInstance(type)!;

    private static string Doc(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "VZaps.slnx")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The repository's root is not above the tests.");
        return File.ReadAllText(Path.Combine(folder.FullName, "docs", name));
    }
}
