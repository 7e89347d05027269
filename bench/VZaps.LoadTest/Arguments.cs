using System.Globalization;

namespace VZaps.LoadTest;

/// <summary>Options as <c>--name value</c>.</summary>
internal sealed class Arguments(string[] args)
{
    /// <summary>A number; its usual value where it is not given.</summary>
    public int Number(string name, int usual) => Text(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;

    /// <summary>A text; null where it is not given.</summary>
    public string? Text(string name) => All(name).FirstOrDefault();

    /// <summary>The texts of an option that may be given several times.</summary>
    public IEnumerable<string> All(string name) =>
        args.Index().Where(argument => argument.Item == "--" + name && argument.Index + 1 < args.Length).Select(argument => args[argument.Index + 1]);

    /// <summary>Whether a name is given; it takes no value.</summary>
    public bool Has(string name) => args.Contains("--" + name);
}
