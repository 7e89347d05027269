using System.Runtime.InteropServices;
using System.Text.Json;

namespace VZaps.Cli.Tail;

/// <summary>An event to show, whether it came from the history or over the subscription.</summary>
internal sealed record TailEvent(string Id, EventType Type, DateTimeOffset CreatedAt, JsonElement Data, ReadOnlyMemory<byte> Envelope)
{
    public static TailEvent Of(VZapsEvent received) => new(received.Id, received.Type, received.CreatedAt, received.Data, received.Raw);

    public static TailEvent Of(JsonElement envelope)
    {
        return new TailEvent(
            envelope.GetProperty("id").GetString()!,
            EventType.Parse(envelope.GetProperty("type").GetString()!),
            Rfc3339.TryParse(envelope.GetProperty("created_at").GetString(), out var createdAt) ? createdAt : default,
            envelope.GetProperty("data"),
            JsonMarshal.GetRawUtf8Value(envelope).ToArray());
    }
}
