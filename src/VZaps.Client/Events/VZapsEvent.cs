using System.Text.Json;
using VZaps.Client.Media;

namespace VZaps;

/// <summary>One event as it was received.</summary>
/// <remarks>Immutable and thread-safe.</remarks>
public sealed class VZapsEvent
{
    private static readonly byte[] EmptyObject = "{}"u8.ToArray();

    /// <summary>What a gateway takes is read, however deep.</summary>
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 256 };
    private readonly ReadOnlyMemory<byte> _data;
    private readonly MediaAccess? _access;
    private JsonDocument? _document;
    private EventMedia? _media;

    internal VZapsEvent(
        string id, EventType type, string instanceId, DateTimeOffset createdAt, ReadOnlyMemory<byte> raw, ReadOnlyMemory<byte> data, int deliveryCount, MediaAccess? access = null)
    {
        Id = id;
        Type = type;
        InstanceId = instanceId;
        CreatedAt = createdAt;
        Raw = raw;
        DeliveryCount = deliveryCount;
        _access = access;
        _data = data.IsEmpty ? EmptyObject : data;
    }

    /// <summary>The event's id; the same each time that it comes, so that you can tell what you have processed.</summary>
    public string Id { get; }

    /// <summary>Its type. One that this version does not know reaches the handlers of <see cref="EventType.All"/>.</summary>
    public EventType Type { get; }

    /// <summary>The instance that it is of; empty where the server did not say.</summary>
    public string InstanceId { get; }

    /// <summary>When it happened, in UTC; the default value where the server gave no readable time.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>The payload: <c>data</c> of the envelope, an empty object where it had none. Parsed when first asked for.</summary>
    // Two threads may both parse; either document is as good, and the reference is written whole.
    public JsonElement Data => (_document ??= JsonDocument.Parse(_data, Deep)).RootElement;

    /// <summary>The event's file, to open or to download; null where it has none, or the server has no link for it.</summary>
    // As with the document, the one that stays is as good as another.
    public EventMedia? Media => _media ??= EventMediaReader.Read(this, _access ?? MediaAccess.WithoutClient);

    /// <summary>
    /// Where the event's media can be fetched, as the event has it: an absolute <c>http</c> or <c>https</c> address. Null where it has none or the server did not keep the file.
    /// <see cref="Media"/> fetches it.
    /// </summary>
    public Uri? MediaUrl => EventMediaReader.UrlIn(Data);

    /// <summary>The whole envelope as it was received: one JSON object in UTF-8.</summary>
    public ReadOnlyMemory<byte> Raw { get; }

    /// <summary>
    /// Which delivery this is, as its connection counts them: 1 for the first, and where the server does not say, as without the
    /// extension. An event that comes again over a new connection begins with 1.
    /// </summary>
    public int DeliveryCount { get; }

    /// <summary><c>data</c> as it was received.</summary>
    internal ReadOnlyMemory<byte> DataUtf8 => _data;

    /// <summary>Type and id; never the payload.</summary>
    public override string ToString() => $"{Type} {Id}";
}
