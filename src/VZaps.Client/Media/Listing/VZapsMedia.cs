using System.Runtime.CompilerServices;
using VZaps.Client.Auth;
using VZaps.Client.Configuration;
using VZaps.Client.Http;
using VZaps.Client.Media;

namespace VZaps;

/// <summary>The files of instances' events: listed, found by id, fetched again where they could not be fetched.</summary>
/// <remarks>
/// Thread-safe. Every call throws <see cref="VZapsAuthenticationException"/> where the credentials are refused,
/// <see cref="VZapsRateLimitException"/> on 429, <see cref="VZapsTimeoutException"/> where no answer came in time,
/// <see cref="VZapsApiException"/> on any other refusal, and <see cref="VZapsException"/> where the server was not reached. Cancelling
/// ends the wait; the server may have done what was asked. An id that is empty or only dots is an <see cref="ArgumentException"/>.
/// </remarks>
public sealed class VZapsMedia
{
    private readonly AuthorizedApi _api;
    private readonly MediaAccess _access;

    internal VZapsMedia(AuthorizedApi api, MediaAccess access) => (_api, _access) = (api, access);

    /// <summary>The same with an instance's token in place of the access token: for files of that instance.</summary>
    /// <param name="instanceToken">The instance's token.</param>
    /// <exception cref="ArgumentException">It is empty, or has a character that no token has, such as a line break.</exception>
    public VZapsMedia WithInstanceToken(string instanceToken)
    {
        OptionCheck.RequireCredential(nameof(instanceToken), instanceToken, nameof(instanceToken));
        return new VZapsMedia(_api, _access.With(instanceToken));
    }

    /// <summary>A file with a new link.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="id">The file's id (<c>med_…</c>), or its event's (<c>evt_…</c>) as long as that is retained.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="VZapsApiException">
    /// Its <see cref="VZapsApiException.ErrorCode"/> is <c>media_not_found</c>, <c>event_has_no_media</c>, <c>event_not_retained</c>, or <c>media_gone</c> for one that was removed.
    /// </exception>
    public async Task<MediaItem> GetAsync(string instanceId, string id, CancellationToken cancellationToken = default)
    {
        MediaRoutes.Require(instanceId);
        MediaRoutes.Require(id);
        var item = await _api.SendAsync(NewCall(HttpMethod.Get, MediaRoutes.Find(instanceId, id)), ClientJson.Default.MediaItem, cancellationToken).ConfigureAwait(false);
        return WithFile(item);
    }

    /// <summary>The newest 100 files of an instance, each with a new link.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<MediaPage> ListAsync(string instanceId, CancellationToken cancellationToken = default) => ListAsync(instanceId, new ListMediaRequest(), cancellationToken);

    /// <summary>One page of an instance's files, the newest first, each with a new link.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="request">Which, and how many.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentException"><see cref="ListMediaRequest.Limit"/> is out of range, or a status is none to ask for.</exception>
    public async Task<MediaPage> ListAsync(string instanceId, ListMediaRequest request, CancellationToken cancellationToken = default)
    {
        MediaRoutes.Require(instanceId);
        ArgumentNullException.ThrowIfNull(request);
        var page = await _api.SendAsync(NewCall(HttpMethod.Get, $"{MediaRoutes.All(instanceId)}?{QueryOf(request)}"), ClientJson.Default.MediaPage, cancellationToken).ConfigureAwait(false);
        return page with { Items = [.. page.Items.Select(WithFile)] };
    }

    /// <summary>All files of an instance, the newest first, fetched a page at a time as they are read.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="request">Which; <see cref="ListMediaRequest.Limit"/> is the size of a page.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ArgumentException"><see cref="ListMediaRequest.Limit"/> is out of range, or a status is none to ask for.</exception>
    /// <exception cref="VZapsApiException">The server refused a page, or does not come to an end: it gave a page a second time. While enumerating, after what was read until then.</exception>
    public IAsyncEnumerable<MediaItem> ListAllAsync(string instanceId, ListMediaRequest request, CancellationToken cancellationToken = default)
    {
        MediaRoutes.Require(instanceId);
        ArgumentNullException.ThrowIfNull(request);
        QueryOf(request);
        return ReadAllAsync(instanceId, request, cancellationToken);
    }

    /// <summary>Makes a file that could not be fetched pending again, with all its attempts before it, and one that is pending due now.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="id">The file's id (<c>med_…</c>), or its event's (<c>evt_…</c>) as long as that is retained.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How it stands now; one that is stored stays as it is.</returns>
    /// <exception cref="VZapsApiException">As of <see cref="GetAsync"/>, by which it is found in the instance first: a file of another instance is <c>media_not_found</c>.</exception>
    public async Task<MediaItem> RefetchAsync(string instanceId, string id, CancellationToken cancellationToken = default)
    {
        MediaRoutes.Require(instanceId);
        MediaRoutes.Require(id);
        // The route names no instance, and takes any of the account's: this one has to have the file.
        var found = await GetAsync(instanceId, id, cancellationToken).ConfigureAwait(false);
        return WithFile(await _api.SendAsync(NewCall(HttpMethod.Post, MediaRoutes.Fetch(found.Id)), ClientJson.Default.MediaItem, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The same for all files of an instance that could not be fetched.</summary>
    /// <param name="instanceId">The instance.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many.</returns>
    public async Task<int> RefetchAllAsync(string instanceId, CancellationToken cancellationToken = default)
    {
        MediaRoutes.Require(instanceId);
        return (await _api.SendAsync(NewCall(HttpMethod.Post, MediaRoutes.FetchAll(instanceId)), ClientJson.Default.FetchedAgain, cancellationToken).ConfigureAwait(false)).Again;
    }

    /// <summary>Each enumeration begins anew.</summary>
    private async IAsyncEnumerable<MediaItem> ReadAllAsync(string instanceId, ListMediaRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var cursors = new HashSet<string>(StringComparer.Ordinal);
        for (var next = request; next is not null;)
        {
            var page = await ListAsync(instanceId, next, cancellationToken).ConfigureAwait(false);
            foreach (var item in page.Items)
                yield return item;
            next = page is { HasMore: true, NextAfter: { Length: > 0 } after } ? next with { After = after } : null;
            if (next is not null && !cursors.Add(next.After!))
                throw new VZapsApiException($"The server does not come to the end of the files: it gave the cursor '{next.After}' a second time. What was read until now is not all of them.") { StatusCode = 200 };
        }
    }

    private static string QueryOf(ListMediaRequest request)
    {
        if (request.Limit is < 1 or > 1_000)
            throw new ArgumentException($"Limit {request.Limit} is out of range; give 1 to 1000.", nameof(request));
        var statuses = string.Join(',', (request.Statuses ?? []).Select(MediaStatusConverter.NameOf));
        return $"limit={request.Limit}" + (statuses.Length > 0 ? $"&status={Uri.EscapeDataString(statuses)}" : "")
            + (string.IsNullOrEmpty(request.After) ? "" : $"&after={Uri.EscapeDataString(request.After)}");
    }

    private ApiCall NewCall(HttpMethod method, string route) => new(method, route, null) { InstanceToken = _access.InstanceToken };

    private MediaItem WithFile(MediaItem item) => item with { File = EventMediaReader.Read(item, _access) };
}
