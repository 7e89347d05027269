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
    /// <summary>Some bytes a page of up to 200 logs.</summary>
    private readonly HashSet<string> _cursors = new(StringComparer.Ordinal);

    /// <summary>The logs of the page before. By number, pages move on while they are read, as new logs come in front: what was at the end of one may begin the next.</summary>
    private HashSet<string> _before = new(StringComparer.Ordinal);

    /// <exception cref="VZapsApiException">The server gave a cursor, or a page, a second time.</exception>
    public async IAsyncEnumerable<WebhookLog> ReadAsync(WebhookLogSearch first, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (first.After is { Length: > 0 } after)
            _cursors.Add(after);
        for (var next = first with { Page = 1 }; next is not null;)
        {
            var page = await search(next, cancellationToken).ConfigureAwait(false);
            var ids = page.Content.Select(log => log.Id).ToHashSet(StringComparer.Ordinal);
            if (ids.Count > 0 && ids.IsSubsetOf(_before))
                throw NotForward($"page {next.Page.ToString(CultureInfo.InvariantCulture)} has no log that was not on the page before");
            foreach (var log in page.Content)
            {
                if (!_before.Contains(log.Id))
                    yield return log;
            }

            _before = ids;
            next = After(page, next);
        }
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
