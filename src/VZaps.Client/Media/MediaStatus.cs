namespace VZaps;

/// <summary>How a file stands; of an event's, how it stood when the event was written.</summary>
public enum MediaStatus
{
    /// <summary>Not said, or something that this version does not know.</summary>
    Unknown,

    /// <summary>The gateway has it.</summary>
    Stored,

    /// <summary>It is still being fetched.</summary>
    Pending,

    /// <summary>It could not be fetched, and is not tried again until somebody asks for that. An event never says it; <see cref="VZapsMedia"/> does.</summary>
    Failed,
}
