using System.Text.Json;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Ingest;

/// <summary>One event of a publish request as it was found in the body: values that were read, and where its data stands.</summary>
internal struct PublishedEvent
{
    public string? Type;
    public string? IdempotencyKey;
    public DateTimeOffset? CreatedAt;
    public Range Data; // within the body that was read
    public bool DataNamesType;
    public bool DataHasMediaUrl; // a file that is to be fetched

    /// <summary>Reads the object at which the reader stands; the reader is left on its end.</summary>
    /// <param name="reader">Stands on the start of an object.</param>
    /// <param name="index">The event's place in the request, for refusals; null where there is only one.</param>
    /// <exception cref="ProblemException">A field has a wrong form.</exception>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    public static PublishedEvent Read(ref Utf8JsonReader reader, int? index)
    {
        var result = default(PublishedEvent);
        var hasData = false;
        string? dataType = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.IsNamed("type"u8))
                result.Type = ReadString(ref reader, "type", index);
            else if (reader.IsNamed("idempotency_key"u8) || reader.IsNamed("idempotencyKey"u8))
                result.IdempotencyKey = ReadString(ref reader, "idempotency_key", index);
            else if (reader.IsNamed("created_at"u8) || reader.IsNamed("createdAt"u8))
                result.CreatedAt = ReadTime(ref reader, index);
            else if (reader.IsNamed("data"u8))
                (hasData, dataType) = (true, ReadData(ref reader, index, ref result));
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        if (!hasData)
            throw PublishProblems.Missing("data", "an object", index);
        if (string.IsNullOrEmpty(result.Type))
            throw PublishProblems.Missing("type", $"one of: {EventType.Names}", index);
        if (dataType is not null && dataType != result.Type)
            throw PublishProblems.TypesDisagree(result.Type, dataType, index);
        result.DataNamesType = dataType is not null;
        return result;
    }

    private static string? ReadString(ref Utf8JsonReader reader, string field, int? index)
    {
        reader.Read();
        return reader.TokenType switch
        {
            JsonTokenType.Null => null,
            JsonTokenType.String => Text(ref reader, field, index),
            _ => throw PublishProblems.WrongForm(field, "a string", index),
        };
    }

    private static DateTimeOffset? ReadTime(ref Utf8JsonReader reader, int? index)
    {
        var text = ReadString(ref reader, "created_at", index);
        if (text is null)
            return null;
        return Rfc3339.TryParse(text, out var time)
            ? time
            : throw PublishProblems.WrongForm("created_at", "an RFC 3339 time such as 2026-06-23T22:57:17.000Z", index);
    }

    /// <summary>Passes over the data, looking only for its own <c>type</c>, and whether it has a file.</summary>
    private static string? ReadData(ref Utf8JsonReader reader, int? index, ref PublishedEvent published)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw PublishProblems.WrongForm("data", "an object", index);
        var start = (int)reader.TokenStartIndex;
        string? type = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.IsNamed("type"u8);
            published.DataHasMediaUrl |= reader.IsNamed(PublishedMedia.UrlMember) || reader.IsNamed(PublishedMedia.UrlMemberInCamelCase);
            reader.Read();
            if (isType)
            {
                if (reader.TokenType != JsonTokenType.String)
                    throw PublishProblems.WrongForm("data.type", "a string equal to type", index);
                var given = Text(ref reader, "data.type", index);
                if (type is not null && type != given)
                    throw PublishProblems.TypesDisagree(type, given, index);
                type = given;
            }

            reader.Skip();
        }

        published.Data = start..(int)reader.BytesConsumed;
        return type;
    }

    private static string Text(ref Utf8JsonReader reader, string field, int? index)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Escapes may spell half of a surrogate pair: JSON's grammar has it, no text does.
            throw PublishProblems.WrongForm(field, "valid text", index);
        }
    }
}
