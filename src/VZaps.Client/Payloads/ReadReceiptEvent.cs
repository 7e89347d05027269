namespace VZaps;

/// <summary>What became of messages.</summary>
public sealed record ReadReceiptEvent : EventPayload
{
    /// <summary>What happened.</summary>
    public ReceiptState State { get; init; }

    /// <summary>The messages that it is about; may be empty.</summary>
    public IReadOnlyList<string> MessageIds { get; init; } = [];

    /// <summary>The chat's address.</summary>
    public string Chat { get; init; } = "";

    /// <summary>Whose phone says so; empty where the source did not say.</summary>
    public string Sender { get; init; } = "";

    /// <summary>Whether the instance's own account read it, on another device.</summary>
    public bool IsFromMe { get; init; }

    /// <summary>Whether the chat is a group.</summary>
    public bool IsGroup { get; init; }

    /// <summary>When, in UTC; null where the source did not say.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>Why a message could not be delivered (<see cref="ReceiptState.Failed"/>); empty otherwise.</summary>
    public IReadOnlyList<DeliveryError> Errors { get; init; } = [];
}

/// <summary>What a receipt says of its messages.</summary>
public enum ReceiptState
{
    /// <summary>A state that this version does not know; its name is in <see cref="EventPayload.Data"/>.</summary>
    Unknown,

    /// <summary>They reached the phone.</summary>
    Delivered,

    /// <summary>They were read.</summary>
    Read,

    /// <summary>The instance's own account read them on another device.</summary>
    ReadSelf,

    /// <summary>They could not be delivered.</summary>
    Failed,
}

/// <summary>Why a message could not be delivered.</summary>
public sealed record DeliveryError
{
    /// <summary>WhatsApp's code; null where there is none.</summary>
    public long? Code { get; init; }

    /// <summary>What it is, in a few words; null where there is nothing.</summary>
    public string? Title { get; init; }

    /// <summary>What it is, in a sentence; null where there is nothing.</summary>
    public string? Message { get; init; }
}
