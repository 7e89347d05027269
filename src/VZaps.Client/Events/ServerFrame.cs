using System.Text.Json;

namespace VZaps.Client.Events;

internal enum ServerFrameKind
{
    /// <summary>Something that a newer server says.</summary>
    Unknown,
    Hello,
    Gap,
    GoAway,

    /// <summary>Of one of those types, and not as the contract has them.</summary>
    Broken,
}

/// <summary>What a server of the extension says beside the events: an object that has a <c>type</c>, but neither <c>id</c> nor <c>data</c>.</summary>
internal sealed record ServerFrame(ServerFrameKind Kind)
{
    /// <summary>How our gateway begins an envelope: those need no second look.</summary>
    private static ReadOnlySpan<byte> EnvelopeStart => "{\"id\":"u8;

    private static ServerFrame Unknown { get; } = new(ServerFrameKind.Unknown);

    public HelloFrame? Hello { get; private init; }

    public GapFrame? Gap { get; private init; }

    public TimeSpan ReconnectAfter { get; private init; }

    /// <summary>Reads a text frame; false where it is none of these, so that events or garbage are looked for in it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> utf8, out ServerFrame frame)
    {
        frame = Unknown;
        if (utf8.StartsWith(EnvelopeStart))
            return false;
        try
        {
            if (TypeOf(utf8) is not { } type)
                return false;
            frame = Read(type, utf8);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return false;
        }

        return true;
    }

    private static ServerFrame Read(string type, ReadOnlySpan<byte> utf8)
    {
        try
        {
            return type switch
            {
                "hello" => new ServerFrame(ServerFrameKind.Hello) { Hello = JsonSerializer.Deserialize(utf8, ServerFrameJson.Default.HelloFrame) },
                "gap" => new ServerFrame(ServerFrameKind.Gap) { Gap = JsonSerializer.Deserialize(utf8, ServerFrameJson.Default.GapFrame) },
                "goaway" => new ServerFrame(ServerFrameKind.GoAway)
                {
                    ReconnectAfter = JsonSerializer.Deserialize(utf8, ServerFrameJson.Default.GoAwayFrame)!.Delay(),
                },
                _ => Unknown,
            };
        }
        catch (JsonException)
        {
            return new ServerFrame(ServerFrameKind.Broken);
        }
    }

    /// <summary>The type; null where it is no object, has no type, or has what events have.</summary>
    private static string? TypeOf(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return null;
        string? type = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8) || reader.ValueTextEquals("data"u8))
                return null;
            var isType = reader.ValueTextEquals("type"u8);
            reader.Read();
            if (isType && reader.TokenType == JsonTokenType.String)
                type = reader.GetString();
            reader.Skip();
        }

        return reader.Read() ? null : type;
    }
}
