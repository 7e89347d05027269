using System.Text.Json;

namespace VZaps.Client.Payloads;

/// <summary>
/// A place in a payload that knows its path: what is not there where it must be, or is of another kind, raises an error that names the path. JSON's null
/// counts as absent, as the sources write it for what they have not.
/// </summary>
/// <param name="Element">What is there.</param>
/// <param name="Path">Its JSON path.</param>
/// <param name="Received">The event that it is of, for the error.</param>
internal readonly record struct JsonPlace(JsonElement Element, string Path, VZapsEvent Received)
{
    /// <summary>The member; null where it is absent.</summary>
    public JsonPlace? Find(string name)
    {
        Expect(JsonValueKind.Object);
        return Element.TryGetProperty(name, out var member) && member.ValueKind is not JsonValueKind.Null
            ? new JsonPlace(member, $"{Path}.{name}", Received)
            : null;
    }

    /// <summary>The member, which must be there.</summary>
    public JsonPlace Get(string name) => Find(name) ?? throw Unfit($"{Path}.{name}", "it is missing");

    public string Text(string name) => Get(name).AsText();

    public string? OptionalText(string name) => Find(name)?.AsText();

    /// <summary>A text that says something: an empty one counts as absent.</summary>
    public string? NonEmptyText(string name) => OptionalText(name) is { Length: > 0 } text ? text : null;

    public bool Flag(string name) => Find(name) is { } place && place.AsFlag();

    public long? Number(string name) => Find(name)?.AsNumber();

    public int? Int(string name) => Number(name) is not { } number ? null
        : number is >= int.MinValue and <= int.MaxValue ? (int)number
        : throw Unfit($"{Path}.{name}", "it is out of range");

    public double Real(string name)
    {
        var place = Get(name);
        place.Expect(JsonValueKind.Number);
        return place.Element.GetDouble();
    }

    /// <summary>A time; the sources' zero time counts as absent.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (NonEmptyText(name) is not { } text)
            return null;
        if (!Rfc3339.TryParse(text, out var time))
            throw Unfit($"{Path}.{name}", "it is no RFC 3339 time");
        return time.Year > 1 ? time : null;
    }

    /// <summary>The items of a list; none where it is absent.</summary>
    public IReadOnlyList<T> List<T>(string name, Func<JsonPlace, T> read)
    {
        if (Find(name) is not { } list)
            return [];
        list.Expect(JsonValueKind.Array);
        var items = new List<T>(list.Element.GetArrayLength());
        foreach (var item in list.Element.EnumerateArray())
            items.Add(read(new JsonPlace(item, $"{list.Path}[{items.Count}]", Received)));
        return items;
    }

    public string AsText()
    {
        Expect(JsonValueKind.String);
        return Element.GetString()!;
    }

    /// <summary>A whole number; sources write some of them as text.</summary>
    public long AsNumber()
    {
        if (Element.ValueKind == JsonValueKind.String && long.TryParse(Element.GetString(), out var written))
            return written;
        Expect(JsonValueKind.Number);
        return Element.TryGetInt64(out var number) ? number : throw Unfit(Path, "it is no whole number");
    }

    public VZapsPayloadException Unfit(string path, string what) => new(Received, path, what);

    public void Expect(JsonValueKind kind)
    {
        if (Element.ValueKind != kind)
            throw Unfit(Path, $"it is {Name(Element.ValueKind)} where {Name(kind)} is expected");
    }

    private bool AsFlag() => Element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Unfit(Path, $"it is {Name(Element.ValueKind)} where true or false is expected"),
    };

    private static string Name(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        _ => "null",
    };
}
