using System.Runtime.CompilerServices;
using VZaps.Cli.Gateways;

namespace VZaps.Cli.Media;

/// <summary>The gateway's routes for an instance's files.</summary>
/// <remarks>Thread-safe. Every call throws a <see cref="VZapsException"/> where the gateway refuses or is not reached.</remarks>
internal sealed class MediaApi(InstanceApi api)
{
    private const int MaxPage = 1_000;
    private const string EventIdPrefix = "evt_";

    /// <summary>A file by its own id or by its event's, with a new link.</summary>
    public Task<MediaItem> GetAsync(string id, CancellationToken cancellationToken)
    {
        var escaped = Uri.EscapeDataString(id);
        var route = id.StartsWith(EventIdPrefix, StringComparison.Ordinal) ? $"events/{escaped}/media" : $"media/{escaped}";
        return api.SendAsync(HttpMethod.Get, route, null, MediaJson.Default.MediaItem, cancellationToken);
    }

    /// <summary>The files, the newest first, at most <paramref name="limit"/> of them.</summary>
    public async IAsyncEnumerable<MediaItem> ListAsync(string? status, long limit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        while (limit > 0)
        {
            var route = $"media?limit={Math.Min(limit, MaxPage)}"
                + (status is null ? "" : $"&status={Uri.EscapeDataString(status)}") + (after is null ? "" : $"&after={Uri.EscapeDataString(after)}");
            var page = await api.SendAsync(HttpMethod.Get, route, null, MediaJson.Default.MediaItemPage, cancellationToken);
            foreach (var item in page.Items.Take((int)Math.Min(limit, int.MaxValue)))
                yield return item;
            limit -= page.Items.Count;
            // A page that says 'more' without moving on would be asked for until the end of time.
            if (!page.HasMore || page.NextAfter is null || page.NextAfter == after)
                yield break;
            after = page.NextAfter;
        }
    }

    /// <summary>Fetches one again.</summary>
    public async Task<MediaItem> RefetchAsync(string id, CancellationToken cancellationToken)
    {
        var mediaId = id.StartsWith(EventIdPrefix, StringComparison.Ordinal) ? (await GetAsync(id, cancellationToken)).Id : id;
        // Beside the instances' routes: a media id is enough to find the instance.
        return await api.SendAsync(HttpMethod.Post, $"../../media/{Uri.EscapeDataString(mediaId)}/fetch", null, MediaJson.Default.MediaItem, cancellationToken);
    }

    /// <summary>Fetches all again that failed.</summary>
    public Task<FetchedAgain> RefetchAllAsync(CancellationToken cancellationToken) =>
        api.SendAsync(HttpMethod.Post, "media/fetch", null, MediaJson.Default.FetchedAgain, cancellationToken);
}
