namespace VZaps;

/// <summary>How a file stood when its event was written.</summary>
public enum MediaStatus
{
    /// <summary>Not said, or something that this version does not know.</summary>
    Unknown,

    /// <summary>The gateway had it.</summary>
    Stored,

    /// <summary>It was still being fetched.</summary>
    Pending,
}
