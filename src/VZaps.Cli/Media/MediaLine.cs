namespace VZaps.Cli.Media;

/// <summary>A file of an instance as one line of JSON, with the gateway's own names.</summary>
internal sealed record MediaLine(
    string Id,
    string InstanceId,
    string Status,
    string MimeType,
    string? FileName,
    long? Size,
    string? Sha256,
    string? Source,
    DateTimeOffset CreatedAt,
    string? MediaUrl,
    int Attempts,
    DateTimeOffset? NextAttemptAt,
    MediaLineError? Error)
{
    public static MediaLine Of(MediaItem item) => new(
        item.Id,
        item.InstanceId,
        StatusOf(item),
        item.MimeType,
        item.FileName,
        item.Size,
        item.Sha256,
        item.Source,
        item.CreatedAt,
        item.MediaUrl?.OriginalString,
        item.Attempts,
        item.NextAttemptAt,
        item.Error is { } error ? new MediaLineError(error.Code, error.Message) : null);

    public static string StatusOf(MediaItem item) => item.Status.ToString().ToLowerInvariant();

    // A record would print the link.
    public override string ToString() => Id;
}

/// <summary>Why a file is not there.</summary>
internal sealed record MediaLineError(string Code, string Message);

/// <summary>How many are fetched again.</summary>
internal sealed record FetchedAgain(int Again);
