namespace VZaps;

/// <summary>Participants joined a group.</summary>
public sealed record GroupParticipantsAddEvent : EventPayload
{
    /// <summary>The group's address.</summary>
    public string Group { get; init; } = "";

    /// <summary>Who joined. Empty where it is the instance's own account, and the source names nobody.</summary>
    public IReadOnlyList<string> Participants { get; init; } = [];

    /// <summary>Whose doing it is; null where the source did not say.</summary>
    public string? Sender { get; init; }

    /// <summary>How they joined, such as <c>invite</c>; null where the source did not say.</summary>
    public string? Reason { get; init; }

    /// <summary>When, in UTC; null where the source did not say.</summary>
    public DateTimeOffset? Timestamp { get; init; }
}

/// <summary>Participants left a group, or were removed.</summary>
public sealed record GroupParticipantsRemoveEvent : EventPayload
{
    /// <summary>The group's address.</summary>
    public string Group { get; init; } = "";

    /// <summary>Who left or was removed.</summary>
    public IReadOnlyList<string> Participants { get; init; } = [];

    /// <summary>Whose doing it is: the one who left, or who removed them; null where the source did not say.</summary>
    public string? Sender { get; init; }

    /// <summary>When, in UTC; null where the source did not say.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>Whether it is known that they went by themselves.</summary>
    public bool HasLeft => Sender is not null && Participants is [var only] && only == Sender;
}
