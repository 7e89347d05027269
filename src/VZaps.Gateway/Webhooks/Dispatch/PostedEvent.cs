using System.Text;

namespace VZaps.Gateway.Webhooks;

/// <summary>An event as it is posted: what stands where in its envelope, found by counting, as <see cref="EnvelopeWriter"/> has put it there.</summary>
internal readonly struct PostedEvent
{
    private const int TimeToData = 9; // ","data":

    public PostedEvent(string id, int typeIndex, ReadOnlyMemory<byte> envelope)
    {
        (Id, Type, Envelope) = (id, EventType.Known[typeIndex], envelope);
        // All of an envelope without data but its last brace stands before the data.
        var dataOffset = EnvelopeWriter.Measure(Type, dataBytes: 0) - 1;
        Data = envelope[dataOffset..^1];
        CreatedAt = Encoding.ASCII.GetString(envelope.Span.Slice(dataOffset - TimeToData - Rfc3339.Length, Rfc3339.Length));
    }

    public string Id { get; }

    public EventType Type { get; }

    public ReadOnlyMemory<byte> Envelope { get; }

    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>As the envelope has it.</summary>
    public string CreatedAt { get; }

    public ReadOnlyMemory<byte> Body(WebhookBodyKind kind) => kind == WebhookBodyKind.Data ? Data : Envelope;
}
