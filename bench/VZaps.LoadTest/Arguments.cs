using System.Globalization;

namespace VZaps.LoadTest;

/// <summary>Options as <c>--name value</c>.</summary>
internal sealed class Arguments(string[] args)
{
    /// <summary>A number; its usual value where it is not given.</summary>
    public int Number(string name, int usual) =>
        Array.IndexOf(args, "--" + name) is var index and >= 0 ? int.Parse(args[index + 1], CultureInfo.InvariantCulture) : usual;
}
