using VZaps.Gateway.Http;

namespace VZaps.Gateway.Media;

/// <summary>A file of an event as its instance's owner reads it.</summary>
internal sealed record MediaAnswer
{
    public required string Id { get; init; }

    public required string InstanceId { get; init; }

    /// <summary><c>stored</c>, <c>pending</c> or <c>failed</c>.</summary>
    public required string Status { get; init; }

    public required string MimeType { get; init; }

    public string? FileName { get; init; }

    public long? Size { get; init; }

    public string? Sha256 { get; init; }

    /// <summary><c>cloud</c>, <c>wuzapi</c> or <c>publish</c>.</summary>
    public required string Source { get; init; }

    public required string CreatedAt { get; init; }

    /// <summary>A new link.</summary>
    public required string MediaUrl { get; init; }

    public int Attempts { get; init; }

    public string? NextAttemptAt { get; init; }

    /// <summary>Of the last attempt that failed; null for none.</summary>
    public MediaErrorAnswer? Error { get; init; }

    // A record would print the link.
    public override string ToString() => Id;

    public static MediaAnswer Of(MediaRow row, string mediaUrl) => new()
    {
        Id = row.Id,
        InstanceId = row.Instance,
        Status = MediaStatuses.NameOf(row.Status),
        MimeType = row.MimeType,
        FileName = row.FileName,
        Size = row.Size,
        Sha256 = row.Sha256,
        Source = row.Source,
        CreatedAt = Rfc3339.ToText(row.CreatedAt),
        MediaUrl = mediaUrl,
        Attempts = row.Attempts,
        NextAttemptAt = row.NextAttemptAtMilliseconds is { } next ? Rfc3339.ToText(DateTimeOffset.FromUnixTimeMilliseconds(next)) : null,
        Error = row.ErrorCode is { } code ? new MediaErrorAnswer(code, row.ErrorMessage ?? "") : null,
    };
}

/// <summary>Why a file is not there.</summary>
internal sealed record MediaErrorAnswer(string Code, string Message);

/// <summary>A page of an instance's files.</summary>
/// <param name="Items">The newest first.</param>
/// <param name="NextAfter">What the next page is asked for with; null where there is none.</param>
/// <param name="HasMore">Whether there is one.</param>
internal sealed record MediaPage(IReadOnlyList<MediaAnswer> Items, string? NextAfter, bool HasMore);

/// <summary>What is fetched again.</summary>
internal sealed record FetchAgainAnswer(int Again);
