namespace VZaps.Cli.Media;

/// <summary>An event's file as the gateway shows it.</summary>
internal sealed record MediaItem(
    string Id,
    string InstanceId,
    string Status,
    string MimeType,
    string? FileName,
    long? Size,
    string? Sha256,
    string Source,
    DateTimeOffset CreatedAt,
    string MediaUrl,
    int Attempts,
    DateTimeOffset? NextAttemptAt,
    MediaError? Error)
{
    // A record would print the link.
    public override string ToString() => Id;
}

/// <summary>Why a file is not there.</summary>
internal sealed record MediaError(string Code, string Message);

/// <summary>A page of files.</summary>
internal sealed record MediaItemPage(IReadOnlyList<MediaItem> Items, string? NextAfter, bool HasMore);

/// <summary>How many are fetched again.</summary>
internal sealed record FetchedAgain(int Again);
