using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using VZaps.Gateway.Http;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Ingest;

/// <summary>
/// Makes drafts of a publish request's body in one pass and without a document: each event's data is found in the body
/// and copied once, into its final envelope.
/// </summary>
internal static class PublishRequestParser
{
    /// <summary>Reads one event or an array of them.</summary>
    /// <param name="body">The body.</param>
    /// <param name="instance">Whose events they are.</param>
    /// <param name="now">For an event without a time.</param>
    /// <param name="withMedia">Takes the places of the events with a file that is to be fetched.</param>
    /// <exception cref="ProblemException">The body is refused, with the index of the event where there are several.</exception>
    public static List<EventDraft> ParseJson(ReadOnlySpan<byte> body, InstanceId instance, DateTimeOffset now, List<int>? withMedia = null)
    {
        RequireUtf8(body);
        var drafts = new List<EventDraft>();
        try
        {
            var reader = new Utf8JsonReader(body);
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    Add(drafts, ref reader, body, instance, now, drafts.Count, withMedia);
            }
            else
                Add(drafts, ref reader, body, instance, now, index: null, withMedia);

            reader.Read(); // refuses what stands behind
        }
        catch (JsonException exception)
        {
            throw PublishProblems.NotJson(exception.Message, index: null);
        }

        return drafts.Count > 0 ? drafts : throw PublishProblems.Empty();
    }

    /// <summary>Reads one event a line; empty lines are passed over.</summary>
    /// <exception cref="ProblemException">The body is refused, with the index of the event.</exception>
    public static List<EventDraft> ParseLines(ReadOnlySpan<byte> body, InstanceId instance, DateTimeOffset now, List<int>? withMedia = null)
    {
        RequireUtf8(body);
        var drafts = new List<EventDraft>();
        foreach (var range in body.Split((byte)'\n'))
        {
            var line = body[range].Trim(" \t\r"u8);
            if (line.IsEmpty)
                continue;
            try
            {
                var reader = new Utf8JsonReader(line);
                reader.Read();
                Add(drafts, ref reader, line, instance, now, drafts.Count, withMedia);
                reader.Read();
            }
            catch (JsonException exception)
            {
                throw PublishProblems.NotJson(exception.Message, drafts.Count);
            }
        }

        return drafts.Count > 0 ? drafts : throw PublishProblems.Empty();
    }

    private static void Add(
        List<EventDraft> drafts, ref Utf8JsonReader reader, ReadOnlySpan<byte> body, InstanceId instance, DateTimeOffset now, int? index, List<int>? withMedia)
    {
        if (drafts.Count == PublishLimits.MaxEvents)
            throw PublishProblems.TooManyEvents();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw PublishProblems.NotAnEvent(index);

        var published = PublishedEvent.Read(ref reader, index);
        if (!EventType.TryParseKnown(published.Type, out var type) || !type.IsKnown)
            throw PublishProblems.UnknownType(published.Type!, index);
        var key = published.IdempotencyKey is null ? [] : Encoding.UTF8.GetBytes(published.IdempotencyKey);
        if (published.IdempotencyKey is not null && key.Length is < 1 or > PublishLimits.MaxIdempotencyKeyBytes)
            throw PublishProblems.KeyLength(key.Length, index);
        if (published.DataHasMediaUrl)
            withMedia?.Add(drafts.Count);
        drafts.Add(new EventDraft(type, BuildEnvelope(type, instance, published.CreatedAt ?? now, body[published.Data], published.DataNamesType, index), key));
    }

    private static byte[] BuildEnvelope(
        EventType type, InstanceId instance, DateTimeOffset createdAt, ReadOnlySpan<byte> data, bool dataNamesType, int? index)
    {
        if (dataNamesType)
            return EnvelopeOf(type, instance, createdAt, data, [], index);
        var isEmpty = data[1..^1].Trim(" \t\r\n"u8).IsEmpty;
        return EnvelopeOf(type, instance, createdAt, data[1..], Encoding.ASCII.GetBytes($$"""{"type":"{{type.Name}}"{{(isEmpty ? "" : ",")}}"""), index);
    }

    private static byte[] EnvelopeOf(
        EventType type,
        InstanceId instance,
        DateTimeOffset createdAt,
        ReadOnlySpan<byte> data,
        ReadOnlySpan<byte> dataPrefix,
        int? index)
    {
        var bytes = EnvelopeWriter.Measure(type, dataPrefix.Length + data.Length);
        if (bytes > PublishLimits.MaxEnvelopeBytes)
            throw PublishProblems.EventTooLarge(bytes, index);
        var envelope = GC.AllocateUninitializedArray<byte>(bytes);
        EnvelopeWriter.Write(type, instance, createdAt, dataPrefix, data, envelope);
        return envelope;
    }

    private static void RequireUtf8(ReadOnlySpan<byte> body)
    {
        if (!Utf8.IsValid(body))
            throw PublishProblems.NotUtf8();
    }
}
