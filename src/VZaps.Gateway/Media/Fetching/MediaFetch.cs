using System.Text;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Media;

/// <summary>One attempt to fetch a file, from wherever it is, into the store. Thread-safe.</summary>
internal sealed partial class MediaFetch(GraphApi graph, MediaDownload download, IMediaTokens tokens, SealedSecrets secrets, MediaMetrics metrics, ILogger<MediaFetch> logger)
{
    // A message says what whoever sent it likes: not a line for each.
    private readonly ToldOnce _others = new();

    /// <summary>Fetches it; it is stored when this returns.</summary>
    /// <exception cref="MediaFailedException">It is not.</exception>
    public async Task<FetchedMedia> RunAsync(MediaRow row, CancellationToken cancellationToken)
    {
        var (file, givenType, expectedHash) = row.CloudId is { } id
            ? await FromGraphAsync(row, id, cancellationToken)
            : await FromUrlAsync(row, cancellationToken);
        using (file)
        {
            var content = file.Finish();
            RequireHash(row, content, expectedHash);
            var type = ContentTypes.Of(row.MimeType, givenType, file.Head);
            if (type is null)
                throw MediaFailures.WrongType(row.MimeType, ContentTypes.Sniff(file.Head) ?? "text").ToException();
            return await file.KeepAsync(cancellationToken) ? new FetchedMedia(content, type) : throw MediaFailures.DiskFull.ToException();
        }
    }

    private async Task<(IncomingFile File, string? Type, string? ExpectedHash)> FromUrlAsync(MediaRow row, CancellationToken cancellationToken)
    {
        if (row.Url is not { } kept)
            throw MediaFailures.Lost.ToException();
        var url = secrets.Open(kept) is { } opened
            ? FetchUrl.Parse(Encoding.UTF8.GetString(opened))
            : throw MediaFailures.BadUrl("Its URL cannot be read; the files in keys/ of the data folder are not those that it was kept with.").ToException();
        var (file, type) = await download.RunAsync(url, token: null, row.Size, cancellationToken);
        return (file, type, row.ExpectedSha256);
    }

    private async Task<(IncomingFile File, string? Type, string? ExpectedHash)> FromGraphAsync(MediaRow row, string id, CancellationToken cancellationToken)
    {
        var token = tokens.TokenOf(InstanceId.Parse(row.Instance)) ?? throw MediaFailures.TokenMissing.ToException();
        for (var isFirst = true; ; isFirst = false)
        {
            // Never the URL of the event itself: it lives for five minutes, the id for seven days.
            var found = await graph.FindAsync(id, token, cancellationToken);
            try
            {
                var (file, type) = await download.RunAsync(found.Url, token, found.Size, cancellationToken);
                return (file, type, row.ExpectedSha256 ?? found.Sha256);
            }
            catch (MediaFailedException expired) when (isFirst && expired.Failure.Code is "media_not_at_source" or "media_url_expired")
            {
                // A new URL, once: what answers an expired one has been seen to say that it is not there, and that it may not be had.
            }
            catch (MediaFailedException refused) when (refused.Failure.Code is "media_url_expired")
            {
                throw MediaFailures.TokenRejected.ToException();
            }
        }
    }

    /// <summary>What a publisher says of its file is binding. What a source says is noted: Meta's hashes have been seen wrong, and in a message of wuzapi it is the
    /// word of whoever sent it.</summary>
    private void RequireHash(MediaRow row, FileReference content, string? expected)
    {
        if (expected is null || expected == content.Sha256)
            return;
        if (row.Source == MediaSource.Publish)
            throw MediaFailures.WrongHash.ToException();
        metrics.OtherThanSaid(row.Source);
        if (_others.IsFirst(row.Instance))
            LogOtherHash(logger, row.Id, row.Instance);
    }

    [LoggerMessage(1501, LogLevel.Warning, "File {Media} of {InstanceId} has another SHA-256 than its event or the Graph API says; it is kept as it came. Logged once for an instance, and counted (vzaps_media_other_total).")]
    private static partial void LogOtherHash(ILogger logger, string media, string instanceId);
}

/// <summary>A file that was fetched, and is stored.</summary>
/// <param name="Content">It.</param>
/// <param name="ContentType">What it is served as.</param>
internal readonly record struct FetchedMedia(FileReference Content, string ContentType);
