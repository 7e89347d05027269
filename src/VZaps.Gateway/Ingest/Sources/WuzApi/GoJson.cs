using System.Buffers;
using System.Globalization;
using System.Text;

namespace VZaps.Gateway.Ingest.Sources.WuzApi;

/// <summary>A JSON object of texts as Go's <c>encoding/json</c> writes a map: names sorted, and escapes as that package has them. Wuzapi signs this in place of a
/// multipart body.</summary>
internal static class GoJson
{
    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        "\"\\<>&\u2028\u2029\ufffd" + string.Concat(Enumerable.Range(0, 0x20).Select(code => (char)code)));

    public static byte[] Write(IReadOnlyDictionary<string, string> fields)
    {
        var json = new StringBuilder("{");
        foreach (var (name, value) in fields.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            if (json.Length > 1)
                json.Append(',');
            Append(json, name);
            json.Append(':');
            Append(json, value);
        }

        return Encoding.UTF8.GetBytes(json.Append('}').ToString());
    }

    private static void Append(StringBuilder json, string text)
    {
        json.Append('"');
        var rest = text.AsSpan();
        while (rest.IndexOfAny(Escaped) is var next and >= 0)
        {
            json.Append(rest[..next]);
            json.Append(rest[next] switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                '\ufffd' => "\ufffd",
                var other => "\\u" + ((int)other).ToString("x4", CultureInfo.InvariantCulture),
            });
            rest = rest[(next + 1)..];
        }

        json.Append(rest).Append('"');
    }
}
