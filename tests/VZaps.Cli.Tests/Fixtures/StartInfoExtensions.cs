using System.Diagnostics;

namespace VZaps.Cli.Tests.Fixtures;

internal static class StartInfoExtensions
{
    /// <summary>Sets variables of the environment.</summary>
    public static ProcessStartInfo With(this ProcessStartInfo start, IReadOnlyDictionary<string, string> environment)
    {
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return start;
    }
}
