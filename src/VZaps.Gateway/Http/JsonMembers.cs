using System.Text.Json;

namespace VZaps.Gateway.Http;

/// <summary>Members of objects that somebody sent, in which a neighbour's name may be half of a surrogate pair: JSON, but no text. Pure.</summary>
internal static class JsonMembers
{
    /// <summary>The member of a name, the last one where there are several; null where the element is no object, or has none.</summary>
    public static JsonElement? Member(this JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return null;
        JsonElement? found = null;
        foreach (var member in element.EnumerateObject())
        {
            if (member.IsNamed(name))
                found = member.Value;
        }

        return found;
    }

    /// <summary>Whether a member has that name.</summary>
    public static bool IsNamed(this JsonProperty member, string name)
    {
        try
        {
            return member.NameEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Whether the member at whose name a reader stands has that name, in UTF-8.</summary>
    public static bool IsNamed(this ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        try
        {
            return reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
