using System.Diagnostics;
using System.Text.Json;

namespace VZaps.Client.Telemetry;

/// <summary>
/// The trace in which an event was published: <c>traceparent</c> and <c>tracestate</c> of W3C Trace Context, as members of the event's <c>data</c>. Who publishes puts them there.
/// </summary>
internal static class TraceContextOfEvent
{
    private static readonly JsonReaderOptions Deep = new() { MaxDepth = 256 };

    /// <summary>The context; the default value where there is none, or none that can be read.</summary>
    public static ActivityContext Read(VZapsEvent received)
    {
        // Most have none, and looking for a word is cheaper than reading.
        if (received.DataUtf8.Span.IndexOf("\"traceparent\""u8) < 0)
            return default;
        string? parent = null, state = null;
        var reader = new Utf8JsonReader(received.DataUtf8.Span, Deep);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isParent, isState) = (reader.ValueTextEquals("traceparent"u8), reader.ValueTextEquals("tracestate"u8));
            reader.Read();
            if ((isParent || isState) && reader.TokenType == JsonTokenType.String)
                (parent, state) = isParent ? (reader.GetString(), state) : (parent, reader.GetString());
            reader.Skip();
        }

        return ActivityContext.TryParse(parent, state, isRemote: true, out var context) ? context : default;
    }
}
