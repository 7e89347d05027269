using System.Text.Json;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>How much is left out of an event that is too large; each level leaves out what those before it do.</summary>
internal enum Trim
{
    None,
    SecondCopies, // RawMessage and SourceWebMsg
    Quotes,
    Originals,
    Everything, // texts are cut, and what is behind the budget is not written at all
}

/// <summary>
/// Writes an event's <c>data</c>. What is copied of a source's body loses keys of files and thumbnails wherever they stand, and what the level of
/// trimming leaves out. Everything comes out as valid JSON in UTF-8, whatever came in.
/// </summary>
/// <param name="json">Where it is written to.</param>
/// <param name="level">What is left out.</param>
/// <param name="budget">Bytes behind which, on the last level, nothing more is copied.</param>
internal sealed class DataWriter(Utf8JsonWriter json, Trim level, int budget)
{
    /// <summary>The most that is written behind the budget: one text of the longest that are left, escaped, and what closes.</summary>
    public const int BeyondBudget = (CutText * 6) + (16 * 1024);

    private const int CutText = 16 * 1024, CutName = 512;

    private static readonly HashSet<string> NeverCopied = new(StringComparer.OrdinalIgnoreCase)
    {
        "base64", "mediaKey", "JPEGThumbnail", "PNGThumbnail", "thumbnail", "thumbnailDirectPath", "thumbnailSHA256", "thumbnailEncSHA256",
    };

    public void Open() => json.WriteStartObject();

    public void Open(string name) => json.WriteStartObject(name);

    public void Close() => json.WriteEndObject();

    public void OpenList(string name) => json.WriteStartArray(name);

    public void CloseList() => json.WriteEndArray();

    /// <summary>A text; nothing where there is none.</summary>
    public void Text(string name, string? text)
    {
        if (text is not null && !IsSpent)
            json.WriteString(name, Cut(text, CutText));
    }

    /// <summary>A text in a list.</summary>
    public void Item(string text)
    {
        if (!IsSpent)
            json.WriteStringValue(Cut(text, CutText));
    }

    public void Flag(string name, bool value) => json.WriteBoolean(name, value);

    /// <summary>A number; nothing where there is none.</summary>
    public void Number(string name, long? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
    }

    /// <summary>A value that was written before.</summary>
    public void Raw(string name, ReadOnlySpan<byte> utf8)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(utf8, skipInputValidation: true);
    }

    /// <summary>A value that was written before, in a list.</summary>
    public void RawItem(ReadOnlySpan<byte> utf8) => json.WriteRawValue(utf8, skipInputValidation: true);

    /// <summary>A value of the source, with all that is in it; nothing where there is none.</summary>
    public void Copy(string name, JsonElement? value)
    {
        if (value is not { } found || IsSpent)
            return;
        json.WritePropertyName(name);
        CopyValue(found);
    }

    /// <summary>All members of an object of the source but some.</summary>
    public void CopyMembers(JsonElement source, params ReadOnlySpan<string> without)
    {
        if (source.ValueKind != JsonValueKind.Object)
            return;
        foreach (var member in source.EnumerateObject())
        {
            var name = LenientJson.NameOf(member);
            if (without.Contains(name) || IsLeftOut(name) || IsSpent)
                continue;
            json.WritePropertyName(Cut(name, CutName));
            CopyValue(member.Value);
        }
    }

    /// <summary>The objects of a list of the source, and nothing that is no object.</summary>
    public void CopyObjects(string name, IEnumerable<JsonElement> items)
    {
        json.WriteStartArray(name);
        foreach (var item in items.Where(item => item.ValueKind == JsonValueKind.Object && !IsSpent))
            CopyValue(item);
        json.WriteEndArray();
    }

    /// <summary>The source's element as it was.</summary>
    public void Original(JsonElement element)
    {
        if (level < Trim.Originals)
            Copy("Original", element);
    }

    /// <summary>Whether nothing more is to be written but what closes; only on the last level.</summary>
    public bool IsSpent => level == Trim.Everything && json.BytesCommitted + json.BytesPending > budget;

    private void CopyValue(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                CopyMembers(value);
                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    if (IsSpent)
                        break;
                    CopyValue(item);
                }

                json.WriteEndArray();
                break;
            case JsonValueKind.String:
                json.WriteStringValue(Cut(LenientJson.StringOf(value), CutText));
                break;
            case JsonValueKind.Number when level == Trim.Everything && value.Raw().Length > CutName:
                json.WriteNullValue();
                break;
            default:
                json.WriteRawValue(value.Raw(), skipInputValidation: true);
                break;
        }
    }

    private bool IsLeftOut(string name) => NeverCopied.Contains(name)
        || (level >= Trim.SecondCopies && (name is "RawMessage" or "SourceWebMsg"))
        || (level >= Trim.Quotes && name is "quotedMessage");

    private string Cut(string text, int most)
    {
        if (level < Trim.Everything || text.Length <= most)
            return text;
        return char.IsHighSurrogate(text[most - 1]) ? text[..(most - 1)] : text[..most];
    }
}
