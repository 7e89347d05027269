namespace VZaps.Gateway.Media;

/// <summary>How it stands with an event's file. Kept in the database as its number.</summary>
internal enum MediaStatus
{
    Stored,
    Pending,
    Failed,
}

/// <summary>Their names on the wire.</summary>
internal static class MediaStatuses
{
    public const string Names = "stored, pending, failed";

    public static string NameOf(MediaStatus status) => status switch
    {
        MediaStatus.Stored => "stored",
        MediaStatus.Pending => "pending",
        _ => "failed",
    };

    public static MediaStatus? Parse(string name) => name switch
    {
        "stored" => MediaStatus.Stored,
        "pending" => MediaStatus.Pending,
        "failed" => MediaStatus.Failed,
        _ => null,
    };
}
