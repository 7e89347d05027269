using VZaps.Gateway.Http;

namespace VZaps.Gateway.Media;

/// <summary>The refusals of the routes of files.</summary>
internal static class MediaProblems
{
    public static Problem NotFound { get; } = new(404, "media_not_found", "There is no such file. A media id is med_ and 26 characters, as in data.media.id of its event.");

    public static Problem LinkInvalid { get; } = new(403, "media_link_invalid",
        "The link is not as the gateway made it. Use data.media_url of the event as it is, with all of its query.");

    public static Problem LinkExpired { get; } = new(403, "media_link_expired",
        "The link has expired (Media:LinkLifetime). GET /instances/{id}/events/{event_id}/media gives a new one.");

    public static Problem Gone { get; } = new(410, "media_gone", "The file was removed, by retention (Media:RetentionAge, Media:RetentionBytes) or with its instance.");

    public static Problem TooManyUploads { get; } = new(503, "too_many_uploads",
        "As many requests with a file as are allowed at once are being read, of all instances (Media:UploadsAtOnce) or of this one (Media:UploadsAtOncePerInstance); send it again.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    public static Problem UploadTimeout(TimeSpan after) => new(408, "media_upload_timeout",
        $"The request with its file did not come within {after.TotalSeconds:0.###} s (Media:UploadTimeout). Nothing was stored; send it again over a faster line, or give the file's URL as data.media_source_url.");

    public static Problem NotRegistered { get; } = new(503, "media_unavailable",
        "The gateway's database or data folder does not take what is known of the file now; nothing was stored. Send it again.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    public static Problem DiskFull { get; } = new(503, "media_disk_full",
        "The disk of the gateway's data folder did not take the file, or has less than Media:MinFreeBytes left. Nothing was stored; send it again when there is room.")
    {
        RetryAfter = TimeSpan.FromSeconds(30),
    };

    public static Problem EventHasNone { get; } = new(404, "event_has_no_media", "The event refers to no file.");

    public static Problem RangeNotSatisfiable { get; } = new(416, "range_not_satisfiable", "The file has no such bytes; its size is in Content-Range.");

    public static Problem InvalidStatus(string given) => new(400, "invalid_status", $"'{(given.Length <= 32 ? given : given[..32] + "…")}' is no status. Use one or several of: {MediaStatuses.Names}.");

    /// <summary>It could not be fetched.</summary>
    public static Problem Failed(string code, string message) => new(424, code, message);

    public static Problem TooLarge(long maxBytes) => new(413, "media_too_large", $"The file has more than {maxBytes:N0} bytes (Media:MaxFileBytes).");
}
