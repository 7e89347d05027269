using System.Globalization;
using System.Runtime.CompilerServices;

namespace VZaps.Client.Webhooks;

/// <summary>
/// The logs of a search on all its pages: from one to the next by the server's cursor where it gives one, else by number, as far as its totals say that there are more. A server that does not come
/// forward is an error, not a loop.
/// </summary>
/// <param name="search">Asks for a page.</param>
internal sealed class AllLogs(Func<WebhookLogSearch, CancellationToken, Task<WebhookLogPage>> search)
{
    /// <summary>Pages in a row without a log that was not on the page before, although the logs grow: then they grow faster than they are read, or the server is wrong.</summary>
    public const int MaxKnownPages = 10;

    /// <summary>Some bytes a page of up to 200 logs.</summary>
    private readonly HashSet<string> _cursors = new(StringComparer.Ordinal);

    /// <summary>The logs of the page before. By number, pages move on while they are read, as new logs come in front: what was at the end of one may begin the next.</summary>
    private HashSet<string> _before = new(StringComparer.Ordinal);

    private WebhookLogPage? _pageBefore;
    private int _knownPages;

    /// <exception cref="VZapsApiException">The server gave a cursor, or a page, a second time.</exception>
    public async IAsyncEnumerable<WebhookLog> ReadAsync(WebhookLogSearch first, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (first.After is { Length: > 0 } after)
            _cursors.Add(after);
        for (var next = first with { Page = 1 }; next is not null;)
        {
            var page = await search(next, cancellationToken).ConfigureAwait(false);
            var ids = page.Content.Select(log => log.Id).ToHashSet(StringComparer.Ordinal);
            ThrowIfKnown(page, next, ids);
            foreach (var log in page.Content)
            {
                if (!_before.Contains(log.Id))
                    yield return log;
            }

            (_before, _pageBefore) = (ids, page);
            next = After(page, next);
        }
    }

    /// <summary>By number, a page comes a second time also where exactly a page of new logs came in front meanwhile; then the totals have grown.</summary>
    private void ThrowIfKnown(WebhookLogPage page, WebhookLogSearch asked, HashSet<string> ids)
    {
        if (ids.Count == 0 || !ids.IsSubsetOf(_before))
        {
            _knownPages = 0;
            return;
        }

        var hasGrown = string.IsNullOrEmpty(asked.After) && (page.Total > _pageBefore?.Total || page.TotalPages > _pageBefore?.TotalPages);
        if (!hasGrown || ++_knownPages >= MaxKnownPages)
            throw NotForward($"page {asked.Page.ToString(CultureInfo.InvariantCulture)} has no log that was not on the page before");
    }

    /// <summary>What asks for the page behind this one; null where it is the last.</summary>
    private WebhookLogSearch? After(WebhookLogPage page, WebhookLogSearch asked)
    {
        if (page.NextAfter is { Length: > 0 } cursor)
            return _cursors.Add(cursor) ? asked with { Page = 1, After = cursor } : throw NotForward($"it gave the cursor '{cursor}' a second time");
        // Where a cursor led here, the page without one is the last, whatever the totals count.
        return string.IsNullOrEmpty(asked.After) && HasMore(page, asked) ? asked with { Page = asked.Page + 1 } : null;
    }

    private static bool HasMore(WebhookLogPage page, WebhookLogSearch asked)
    {
        if (page.Content.Count == 0)
            return false;
        if (page.TotalPages is { } pages)
            return asked.Page < pages;
        // A server may have smaller pages than were asked for.
        return page.Total is { } total && (long)asked.Page * (page.Size > 0 ? page.Size : asked.Size) < total;
    }

    private static VZapsApiException NotForward(string what) =>
        new($"The server does not come to the end of the logs: {what}. What was read until now is not all of them.") { StatusCode = 200 };
}
