namespace VZaps.Gateway.Media;

/// <summary>Why a file is not there: a stable code for programs, and what to do, without a secret.</summary>
/// <param name="Code">One of those listed in docs/media.md.</param>
/// <param name="Message">What was wrong, and how to mend it.</param>
internal sealed record MediaFailure(string Code, string Message)
{
    /// <summary>Whether trying again would end the same way.</summary>
    public bool IsFinal { get; init; }

    /// <summary>What else the log says: such as its host, which who has nothing but the link is not to know.</summary>
    public string Detail { get; init; } = "";

    /// <summary>When its server asks to be called again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public MediaFailedException ToException() => new(this);
}

/// <summary>Ends an attempt to fetch a file.</summary>
internal sealed class MediaFailedException(MediaFailure failure) : Exception($"{failure.Code}: {failure.Message}")
{
    public MediaFailure Failure { get; } = failure;
}

/// <summary>All of them.</summary>
internal static class MediaFailures
{
    public static MediaFailure DiskFull { get; } = new("media_disk_full",
        "The disk of the gateway's data folder did not take the file, or has less than Media:MinFreeBytes left. Make room; it is tried again.");

    public static MediaFailure Lost { get; } = new("media_lost",
        "It came within its event, and the disk of the gateway's data folder did not take it, or had less than Media:MinFreeBytes left; there is nowhere to fetch it from.") { IsFinal = true };

    public static MediaFailure Unreachable(string host) => new("media_unreachable", "Its server could not be reached, or broke off.") { Detail = $"It is at {host}." };

    public static MediaFailure Stalled(TimeSpan after) => new("media_stalled", $"Its server sent nothing for {after.TotalSeconds:0.###} s (Media:StallTimeout).");

    public static MediaFailure TooSlow(TimeSpan after) => new("media_stalled", $"It took more than {after.TotalSeconds:0.###} s (Media:FetchTimeout).");

    public static MediaFailure SourceError(int status) => new("media_source_error", $"Its server answered {status}.");

    public static MediaFailure Empty { get; } = new("media_source_error", "Its server answered with no bytes.");

    public static MediaFailure NotUnderstood { get; } = new("media_source_error", "The Graph API's answer has no URL of the file.");

    public static MediaFailure NotOfGraph { get; } = new("media_source_error", "The Graph API leads to another host, which is not asked with its access token. Check Media:GraphUrl.");

    public static MediaFailure NotAtSource(int status) => new("media_not_at_source", $"It is not there (its server answered {status}).") { IsFinal = true };

    public static MediaFailure NoSuchCloudId { get; } = new("media_not_at_source",
        "The Graph API does not know the file's id: it is older than 7 days, or not of this access token's app.") { IsFinal = true };

    public static MediaFailure UrlExpired(int status) => new("media_url_expired", $"Its server answered {status}: the URL has expired, or needs a credential.") { IsFinal = true };

    public static MediaFailure TokenMissing { get; } = new("media_token_missing",
        "The Cloud API source has no access token. Set its access_token, and fetch again.") { IsFinal = true };

    public static MediaFailure TokenRejected { get; } = new("media_token_rejected",
        "The Graph API does not take the source's access token: it has expired, or may not read this file. Set a new access_token, and fetch again.") { IsFinal = true };

    public static MediaFailure AddressRefused(string message) => new("media_address_refused", "Its address is not public. Media:AllowedNetworks opens a network.") { IsFinal = true, Detail = message };

    public static MediaFailure BadUrl(string message) => new("media_bad_url", message) { IsFinal = true };

    public static MediaFailure TooLarge(long maxBytes) => new("media_too_large", $"It has more than {maxBytes:N0} bytes (Media:MaxFileBytes).") { IsFinal = true };

    public static MediaFailure WrongType(string declared, string found) => new("media_wrong_type", $"It should be {declared}, and is {found}: an error page, as a rule.");

    public static MediaFailure WrongLength(long expected, long got) => new("media_wrong_length", $"It should have {expected} bytes, and has {got}.");

    public static MediaFailure WrongHash { get; } = new("media_wrong_hash", "Its SHA-256 is not the one that the publisher gave.");
}
