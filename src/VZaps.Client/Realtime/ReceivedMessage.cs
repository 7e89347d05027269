namespace VZaps.Client.Realtime;

internal enum MessageKind
{
    Text,

    /// <summary>Nothing that a server of this protocol sends.</summary>
    Binary,

    /// <summary>Over the limit; it was read and thrown away.</summary>
    TooLarge,

    /// <summary>The server's close frame.</summary>
    Close,
}

/// <summary>One message from the server; its bytes are the receiver's own.</summary>
internal readonly record struct ReceivedMessage(MessageKind Kind, ReadOnlyMemory<byte> Bytes);
