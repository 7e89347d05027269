using System.Globalization;
using System.Reflection;

namespace VZaps.Gateway.Hosting;

/// <summary>Fills an options object from its section of the configuration.</summary>
/// <remarks>Not the framework's binder, which stops at the first value that it cannot read, passes over a mistyped name, and
/// adds a list to its default where the operator means to replace it.</remarks>
internal static class SectionReader
{
    /// <summary>Sets what the section gives and notes what cannot be read.</summary>
    /// <param name="options">The object, with its defaults.</param>
    /// <param name="section">Its section.</param>
    /// <param name="mistakes">Where to note mistakes.</param>
    public static void Read(object options, IConfiguration section, List<string> mistakes)
    {
        var properties = options.GetType().GetProperties().Where(property => property.CanWrite)
            .ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var given in section.GetChildren())
        {
            if (properties.TryGetValue(given.Key, out var property))
                Set(options, property, given, mistakes);
            else if (section is IConfigurationSection)
                mistakes.Add($"{given.Path} is no setting; there are {string.Join(", ", properties.Keys.Order(StringComparer.Ordinal))}.");
        }
    }

    private static void Set(object options, PropertyInfo property, IConfigurationSection given, List<string> mistakes)
    {
        if (property.PropertyType is { IsGenericType: true } list && list.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
            property.SetValue(options, ReadList(list.GenericTypeArguments[0], given, mistakes));
        else if (given.Value is { } text && TryRead(property.PropertyType, text, given.Path, mistakes) is { } value)
            property.SetValue(options, value);
    }

    /// <summary>A list by its places (<c>Origins:0</c>), or comma-separated in one value.</summary>
    private static Array ReadList(Type item, IConfigurationSection given, List<string> mistakes)
    {
        var texts = given.Value is { } joined
            ? joined.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(text => (Text: text, given.Path))
            : given.GetChildren().Where(child => child.Value is not null).Select(child => (Text: child.Value!, child.Path));
        var values = texts.Select(text => TryRead(item, text.Text, text.Path, mistakes)).Where(value => value is not null).ToArray();
        var array = Array.CreateInstance(item, values.Length);
        Array.Copy(values, array, values.Length);
        return array;
    }

    private static object? TryRead(Type type, string text, string path, List<string> mistakes)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var culture = CultureInfo.InvariantCulture;
        (object? Value, string Form) read = type switch
        {
            _ when type == typeof(string) => (text, ""),
            _ when type == typeof(int) => (int.TryParse(text, culture, out var number) ? number : null, "a whole number"),
            _ when type == typeof(long) => (long.TryParse(text, culture, out var number) ? number : null, "a whole number"),
            _ when type == typeof(double) => (double.TryParse(text, culture, out var number) ? number : null, "a number"),
            _ when type == typeof(bool) => (bool.TryParse(text, out var flag) ? flag : null, "true or false"),
            // A bare number would be read as days, which nobody means.
            _ when type == typeof(TimeSpan) => (text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, culture, out var span) ? span : null,
                "a duration as [days.]hh:mm:ss"),
            _ when type.IsEnum => (Enum.GetNames(type).FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } known
                ? Enum.Parse(type, known) : null, "one of " + string.Join(", ", Enum.GetNames(type))),
            _ => throw new System.Diagnostics.UnreachableException($"{path}: options of type {type.Name} cannot be read."),
        };
        if (read.Value is null)
            mistakes.Add($"{path} is '{text}'; give {read.Form}.");
        return read.Value;
    }
}
