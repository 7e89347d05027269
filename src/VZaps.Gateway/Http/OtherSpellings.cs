using System.Text.Json.Serialization.Metadata;

namespace VZaps.Gateway.Http;

/// <summary>One more name under which a property is accepted, beside snake_case and camelCase.</summary>
[AttributeUsage(AttributeTargets.Property, AllowMultiple = true)]
internal sealed class AlsoReadAsAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>Makes a type's properties readable in camelCase too; what is written stays as it is.</summary>
internal static class OtherSpellings
{
    public static void Accept(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
            return;
        var names = type.Properties.Select(property => property.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var property in type.Properties.ToArray())
        {
            // A constructor's parameter takes one name alone: types that are read from requests have init properties.
            if (property.Set is null || property.AssociatedParameter is not null)
                continue;
            foreach (var spelling in SpellingsOf(property).Where(names.Add))
            {
                var alias = type.CreateJsonPropertyInfo(property.PropertyType, spelling);
                alias.Set = property.Set;
                alias.CustomConverter = property.CustomConverter;
                type.Properties.Add(alias);
            }
        }
    }

    private static IEnumerable<string> SpellingsOf(JsonPropertyInfo property)
    {
        yield return CamelCase(property.Name);
        var named = property.AttributeProvider?.GetCustomAttributes(typeof(AlsoReadAsAttribute), inherit: true) ?? [];
        foreach (var other in named.Cast<AlsoReadAsAttribute>())
            yield return other.Name;
    }

    /// <summary><c>last_event_id</c> as <c>lastEventId</c>.</summary>
    public static string CamelCase(string snakeCase)
    {
        var words = snakeCase.Split('_', StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 0
            ? snakeCase
            : words[0] + string.Concat(words.Skip(1).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
    }
}
