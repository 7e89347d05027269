using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>Reads what a source sent without ever failing on it: what is absent, null or of another kind is simply not there.</summary>
internal static class LenientJson
{
    /// <summary>How deep a body may be nested: a few levels below what a reader of events takes, as the envelope comes around it.</summary>
    public const int MaxDepth = 60;

    /// <summary>Parses a body; null where it is no JSON, or nested too deep.</summary>
    public static JsonDocument? TryParse(ReadOnlyMemory<byte> utf8, out string? mistake)
    {
        try
        {
            mistake = null;
            return JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = MaxDepth });
        }
        catch (JsonException wrong)
        {
            mistake = $"The body is no JSON, or nested deeper than {MaxDepth} levels (line {wrong.LineNumber + 1}, byte {wrong.BytePositionInLine + 1}).";
            return null;
        }
    }

    /// <summary>A member that is there and not null.</summary>
    public static JsonElement? Get(this JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return null;
        try
        {
            return element.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;
        }
        catch (InvalidOperationException)
        {
            return null; // a neighbour's name is no text
        }
    }

    /// <summary>A member that is an object.</summary>
    public static JsonElement? GetObject(this JsonElement element, string name) =>
        element.Get(name) is { ValueKind: JsonValueKind.Object } found ? found : null;

    /// <summary>A member's text where it says something. Numbers count, as they were written: senders change their minds about ids and times.</summary>
    public static string? Text(this JsonElement element, string name) =>
        element.Get(name) is { } member && member.AsText() is { Length: > 0 } text ? text : null;

    /// <summary>A member's text, which may be empty, where it is one.</summary>
    public static string? TextOrEmpty(this JsonElement element, string name) =>
        element.Get(name) is { ValueKind: JsonValueKind.String } member ? member.AsText() : null;

    /// <summary>A whole number, which may be written as a text.</summary>
    public static long? Number(this JsonElement element, string name) =>
        element.Text(name) is { } text && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Whether a member is <c>true</c>.</summary>
    public static bool Flag(this JsonElement element, string name) => element.Get(name) is { ValueKind: JsonValueKind.True };

    /// <summary>The items of a list; none where there is no list.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.Get(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>The value's bytes as they stand in the body.</summary>
    public static ReadOnlySpan<byte> Raw(this JsonElement element) => JsonMarshal.GetRawUtf8Value(element);

    /// <summary>A text, or a number as it was written; null for all else.</summary>
    public static string? AsText(this JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => StringOf(element),
        JsonValueKind.Number => element.GetRawText(),
        _ => null,
    };

    /// <summary>A string's text; what is no text in it (half of a surrogate pair, bytes that are not UTF-8) is replaced.</summary>
    public static string StringOf(JsonElement text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Replaced(text.Raw()[1..^1]);
        }
    }

    /// <summary>A member's name, mended in the same way.</summary>
    public static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return "\ufffd";
        }
    }

    private static string Replaced(ReadOnlySpan<byte> escaped)
    {
        var text = new StringBuilder(Encoding.UTF8.GetString(escaped));
        for (var i = 0; i + 1 < text.Length; i++)
        {
            if (text[i] != '\\')
                continue;
            var isCode = text[i + 1] == 'u' && i + 6 <= text.Length;
            var character = isCode ? (char)ushort.Parse(text.ToString(i + 2, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture) : Escaped(text[i + 1]);
            text.Remove(i, isCode ? 6 : 2).Insert(i, character);
        }

        // Through bytes and back: what is half a pair comes out as the replacement character.
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static char Escaped(char letter) => letter switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', _ => letter };
}
