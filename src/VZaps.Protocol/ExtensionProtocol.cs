namespace VZaps.Protocol;

/// <summary>The extension of the realtime protocol that client and server agree on in the handshake.</summary>
public static class ExtensionProtocol
{
    /// <summary>The subprotocol in <c>Sec-WebSocket-Protocol</c>; a server that agrees echoes it.</summary>
    public const string Name = "vzaps.ext.1";

    /// <summary>The largest message that a server takes, in bytes.</summary>
    public const int MaxClientMessageBytes = 65_536;

    /// <summary>A frame with more than one event stays under so many bytes.</summary>
    public const int MaxBatchBytes = 262_144;

    /// <summary>The longest wait that a <c>nack</c> or a <c>working</c> may ask for.</summary>
    public static TimeSpan LongestDelay { get; } = TimeSpan.FromHours(1);
}
