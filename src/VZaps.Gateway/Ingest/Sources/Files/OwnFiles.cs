using System.Text.Json;
using VZaps.Gateway.Http;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>Sees to it that a body refers to no file that was not taken out of it: by the hash it would have whatever is in the store, anybody's. Pure.</summary>
/// <remarks>It looks before the body is mapped or kept, and whether or not that can be mapped: a version that can map what this one keeps finds nothing in it either.</remarks>
internal static class OwnFiles
{
    // As deep as the body is nested, and more than the mapping takes.
    private static readonly JsonReaderOptions Lenient = new() { MaxDepth = int.MaxValue, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>A body that refers to its own files alone: as it came, or a copy in which every other reference is crossed out.</summary>
    /// <param name="json">It.</param>
    /// <param name="own">The files that were taken out of it.</param>
    public static ReadOnlyMemory<byte> Only(ReadOnlyMemory<byte> json, IReadOnlyCollection<FileReference> own)
    {
        byte[]? crossedOut = null;
        var reader = new Utf8JsonReader(json.Span, Lenient);
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName || !reader.IsNamed(FileExtractor.FileMember) || !reader.Read() || ReferenceOf(ref reader) is not { } given || own.Contains(given))
                    continue;
                crossedOut ??= json.ToArray();
                crossedOut.AsSpan((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length).Fill((byte)'x');
            }
        }
        catch (JsonException)
        {
            // What is no JSON is no event, whoever reads it.
        }

        return crossedOut ?? json;
    }

    private static FileReference? ReferenceOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.TokenType == JsonTokenType.String ? FileReference.Parse(reader.GetString()) : null;
        }
        catch (InvalidOperationException)
        {
            return null; // half of a surrogate pair: JSON, but no text
        }
    }
}
