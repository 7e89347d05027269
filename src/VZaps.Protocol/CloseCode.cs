namespace VZaps.Protocol;

/// <summary>Why a realtime connection was closed, as the WebSocket close code says it.</summary>
public enum CloseCode
{
    /// <summary>Asked for by the client.</summary>
    Normal = 1000,

    /// <summary>The server is going away; reconnect, with jitter.</summary>
    GoingAway = 1001,

    /// <summary>The client sent what is no WebSocket frame.</summary>
    ProtocolError = 1002,

    /// <summary>The client sent binary.</summary>
    UnsupportedData = 1003,

    /// <summary>The client sent what is no message of the protocol, again and again.</summary>
    ProtocolAbuse = 1008,

    /// <summary>The client sent a message that is too large.</summary>
    MessageTooBig = 1009,

    /// <summary>Overload, or a reader that stalls; try again later.</summary>
    TryAgainLater = 1013,

    /// <summary>The credential was revoked; do not retry with it.</summary>
    CredentialRevoked = 4001,

    /// <summary>The instance was deleted; do not retry.</summary>
    InstanceDeleted = 4004,
}

/// <summary>What a client must decide when it reads a <see cref="CloseCode"/>.</summary>
public static class CloseCodes
{
    /// <summary>Whether it makes sense to connect again with the same credentials.</summary>
    public static bool MayReconnect(int code) => code is not ((int)CloseCode.CredentialRevoked or (int)CloseCode.InstanceDeleted);
}
