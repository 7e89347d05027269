using System.Text;
using VZaps.Gateway.Http;
using VZaps.Gateway.Log;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Media;

/// <summary>
/// Gives files their ids and links before the events that refer to them are appended: what is known of a file is durable first, so that no event refers to
/// what a crash took back. A file is never fetched here. Thread-safe.
/// </summary>
internal sealed partial class MediaAttaching(
    MediaCatalog catalog, IMediaStore store, MediaLinks links, FetchJobs jobs, MediaMetrics metrics, SealedSecrets secrets, TimeProvider time, ILogger<MediaAttaching> logger)
{
    // A message says what whoever sent it likes: not a line for each.
    private readonly ToldOnce _others = new();

    /// <summary>Registers files.</summary>
    /// <param name="instance">Whose they are.</param>
    /// <param name="descriptions">One or more.</param>
    /// <param name="origin">What links are made of (<see cref="MediaLinks.OriginOf"/>).</param>
    /// <returns>One for each, in their order.</returns>
    /// <exception cref="ProblemException">503: the database or the data folder fails at it now; nothing was registered.</exception>
    public async Task<IReadOnlyList<AttachedMedia>> RegisterAsync(InstanceId instance, IReadOnlyList<MediaDescription> descriptions, string origin)
    {
        try
        {
            return await AddAsync(instance, descriptions, origin);
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or ProblemException) && !FullDatabase.IsReasonOf(failure))
        {
            LogRefused(logger, failure, descriptions.Count, instance.Value);
            throw MediaProblems.NotRegistered.ToException();
        }
    }

    /// <summary>Registers the files of events; where that cannot be done, the events go out without them, which is logged and counted.</summary>
    /// <param name="instance">Whose they are.</param>
    /// <param name="descriptions">One for each event; null for one without a file.</param>
    /// <param name="origin">As above.</param>
    /// <returns>One for each event; null for one without.</returns>
    public async Task<AttachedMedia?[]> TryRegisterAsync(InstanceId instance, IReadOnlyList<MediaDescription?> descriptions, string origin)
    {
        var attached = new AttachedMedia?[descriptions.Count];
        var wanted = descriptions.OfType<MediaDescription>().ToList();
        if (wanted.Count == 0)
            return attached;
        try
        {
            var registered = new Queue<AttachedMedia>(await AddAsync(instance, wanted, origin));
            for (var i = 0; i < attached.Length; i++)
                attached[i] = descriptions[i] is null ? null : registered.Dequeue();
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            metrics.Unregistered(wanted.Count);
            LogUnregistered(logger, failure, wanted.Count, instance.Value);
        }

        return attached;
    }

    /// <summary>Registers files within payloads that are kept to be mapped later, so that they stay as long; one that has a row is left, also where the payload came before
    /// and its file was not registered then.</summary>
    public async Task TryRegisterKeptAsync(InstanceId instance, IEnumerable<MediaDescription?> descriptions, string origin)
    {
        var within = descriptions.OfType<MediaDescription>().Where(description => description.Content is not null).ToList();
        if (within.Count == 0)
            return;
        try
        {
            // Not an older row: it may go before the payload does, and its file with it.
            var known = await catalog.AddedSinceAsync(time.GetUtcNow() - (ReferredSince.Slack / 2), instance, [.. within.Select(description => description.Content!.Value.Sha256)], CancellationToken.None);
            await TryRegisterAsync(instance, [.. within.Where(description => !known.Contains(description.Content!.Value.Sha256))], origin);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            metrics.Unregistered(within.Count);
            LogUnregistered(logger, failure, within.Count, instance.Value);
        }
    }

    /// <summary>Their events are durable: what is pending may be fetched, and what belongs to events that were there already is forgotten.</summary>
    /// <param name="attached">One for each draft; null for one without.</param>
    /// <param name="result">What became of the drafts.</param>
    public async Task AppendedAsync(IReadOnlyList<AttachedMedia?> attached, AppendResult result)
    {
        var duplicates = result.Duplicates.Select(index => attached[index]).OfType<AttachedMedia>().Select(media => media.Id.Value).ToList();
        if (duplicates.Count > 0)
            await ForgetAsync(duplicates);
        if (attached.Any(media => media is { IsPending: true }))
            jobs.Wake();
    }

    /// <summary>Their events were refused.</summary>
    public Task RefusedAsync(IEnumerable<AttachedMedia?> attached) => attached.OfType<AttachedMedia>().Select(media => media.Id.Value).ToList() is { Count: > 0 } ids
        ? ForgetAsync(ids)
        : Task.CompletedTask;

    private async Task<List<AttachedMedia>> AddAsync(InstanceId instance, IReadOnlyList<MediaDescription> descriptions, string origin)
    {
        var rows = new List<MediaRow>(descriptions.Count);
        foreach (var description in descriptions)
            rows.Add(await RowOfAsync(instance, description));
        // Before the rows are added: where there can be no link, nothing is to be fetched.
        List<AttachedMedia> attached = [.. rows.Select(row => AttachedMedia.Of(row, links.Make(origin, row.ParsedId, instance)))];
        await catalog.AddAsync(rows, CancellationToken.None);
        return attached;
    }

    private async Task ForgetAsync(List<string> ids)
    {
        try
        {
            await catalog.RemoveAsync(ids, CancellationToken.None);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // Rows that nothing refers to: retention finds them.
            LogNotForgotten(logger, failure, ids.Count);
        }
    }

    private async Task<MediaRow> RowOfAsync(InstanceId instance, MediaDescription description)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var (mimeType, content) = (ContentTypes.Clean(description.MimeType), description.Content);
        var servedAs = content is { } stored ? await ServedAsAsync(stored, mimeType) : null;
        if (content is { } came)
            metrics.Received(description.Source, came.Bytes, servedAs is not null);
        var (isStored, isLost) = (servedAs is not null, content is not null && servedAs is null && description.Url is null);
        var row = new MediaRow
        {
            Id = MediaId.New().Value,
            Instance = instance.Value,
            Source = description.Source,
            Status = isStored ? MediaStatus.Stored : isLost ? MediaStatus.Failed : MediaStatus.Pending,
            MimeType = mimeType,
            ContentType = servedAs,
            FileName = FileNames.Clean(description.FileName),
            Size = isStored ? content!.Value.Bytes : description.Size ?? content?.Bytes,
            Sha256 = isStored ? content!.Value.Sha256 : null,
            ExpectedSha256 = description.Sha256,
            CloudId = description.CloudId,
            Url = !isStored && description.Url is { } url ? secrets.Seal(Encoding.UTF8.GetBytes(FetchUrl.Bounded(url))) : null,
            CreatedAtMilliseconds = now,
            StoredAtMilliseconds = isStored ? now : null,
            NextAttemptAtMilliseconds = isStored || isLost ? null : now,
            ErrorCode = isLost ? MediaFailures.Lost.Code : null,
            ErrorMessage = isLost ? MediaFailures.Lost.Message : null,
        };
        if (IsOtherThanSaid(description))
        {
            metrics.OtherThanSaid(row.Source);
            if (_others.IsFirst(row.Instance))
                LogOther(logger, row.Id, row.Instance);
        }

        return row;
    }

    /// <summary>Whether what is known of a file by now is not what its message says; of one that is fetched, the hash is known when it has come.</summary>
    private static bool IsOtherThanSaid(MediaDescription description) =>
        (description.SaidSize is { } said && (description.Content?.Bytes ?? description.Size) is { } bytes && bytes != said)
        || (description.Sha256 is { } hash && description.Content is { } content && content.Sha256 != hash);

    /// <summary>What a file in the store is served as; null where it is not there. It is kept anew: retention, which saw no row of it, leaves it until it has this one.</summary>
    private async Task<string?> ServedAsAsync(FileReference content, string mimeType)
    {
        await using var file = await store.RenewAsync(content.Sha256, CancellationToken.None) ? await store.OpenAsync(content.Sha256, CancellationToken.None) : null;
        if (file is null)
            return null;
        var head = new byte[IncomingFile.HeadBytes];
        var length = await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false);
        return ContentTypes.OfStored(mimeType, head.AsSpan(0, length));
    }

    [LoggerMessage(1521, LogLevel.Error, "{Files} files of events of {InstanceId} have no link, as the database or the data folder failed at it; the events went out without them.")]
    private static partial void LogUnregistered(ILogger logger, Exception failure, int files, string instanceId);

    [LoggerMessage(1523, LogLevel.Error, "{Files} files of published events of {InstanceId} could not be registered; the request was answered 503.")]
    private static partial void LogRefused(ILogger logger, Exception failure, int files, string instanceId);

    [LoggerMessage(1524, LogLevel.Warning, "File {Media} of {InstanceId} has another length or SHA-256 than its message says; it is taken as it is. Logged once for an instance, and counted (vzaps_media_other_total).")]
    private static partial void LogOther(ILogger logger, string media, string instanceId);

    [LoggerMessage(1522, LogLevel.Warning, "{Files} files of events that were there already could not be forgotten; retention removes them.")]
    private static partial void LogNotForgotten(ILogger logger, Exception failure, int files);
}
