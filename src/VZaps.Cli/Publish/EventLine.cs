using System.Text.Json;
using System.Text.Unicode;

namespace VZaps.Cli.Publish;

/// <summary>
/// What has to be known of a line before it is sent: that it is a JSON object, and whether it has an idempotency key. All else is
/// the gateway's to judge, so that this tool need not know every rule of every version.
/// </summary>
internal static class EventLine
{
    /// <summary>Whether the event has an idempotency key.</summary>
    /// <param name="line">The line without its break.</param>
    /// <param name="number">Its number, for the error.</param>
    /// <exception cref="BadLineException">It is no JSON object.</exception>
    public static bool ReadHasKey(ReadOnlySpan<byte> line, long number)
    {
        if (!Utf8.IsValid(line))
            throw new BadLineException(number, "is not UTF-8.");
        try
        {
            var reader = new Utf8JsonReader(line);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                throw new BadLineException(number, "is no event: an event is an object, {\"type\":…,\"data\":{…}}.");
            var hasKey = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isKey = reader.ValueTextEquals("idempotency_key"u8) || reader.ValueTextEquals("idempotencyKey"u8);
                reader.Read();
                hasKey |= isKey && reader.TokenType == JsonTokenType.String;
                reader.Skip();
            }

            reader.Read(); // refuses what stands behind
            return hasKey;
        }
        catch (JsonException broken)
        {
            throw new BadLineException(number, $"is not JSON: it breaks off or goes wrong at byte {broken.BytePositionInLine + 1}.");
        }
    }
}
