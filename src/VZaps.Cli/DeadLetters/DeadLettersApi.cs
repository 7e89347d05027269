using System.Runtime.CompilerServices;
using VZaps.Cli.Gateways;

namespace VZaps.Cli.DeadLetters;

/// <summary>The gateway's routes for a consumer's dead letters.</summary>
/// <remarks>Thread-safe. Every call throws a <see cref="VZapsException"/> where the gateway refuses or is not reached.</remarks>
internal sealed class DeadLettersApi(InstanceApi api, string consumer)
{
    /// <summary>The most that the gateway gives at once.</summary>
    public const int MaxPage = 1_000;

    private string Consumer => $"consumer={Uri.EscapeDataString(consumer)}";

    /// <summary>One page.</summary>
    /// <param name="after">The last id of the page before; null for the first.</param>
    /// <param name="limit">1 to 1,000.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<DeadLetterPage> ReadPageAsync(string? after, int limit, CancellationToken cancellationToken)
    {
        var route = $"deadletters?{Consumer}&limit={limit}" + (after is null ? "" : $"&after={Uri.EscapeDataString(after)}");
        return api.SendAsync(HttpMethod.Get, route, null, DeadLettersJson.Default.DeadLetterPage, cancellationToken);
    }

    /// <summary>The letters in log order, page after page, at most <paramref name="limit"/> of them.</summary>
    public async IAsyncEnumerable<DeadLetter> ListAsync(long limit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        while (limit > 0)
        {
            var page = await ReadPageAsync(after, (int)Math.Min(limit, MaxPage), cancellationToken);
            foreach (var letter in page.DeadLetters.Take((int)Math.Min(limit, int.MaxValue)))
                yield return letter;
            limit -= page.DeadLetters.Count;
            // A page that says 'more' without moving on would be asked for until the end of time.
            if (!page.HasMore || page.NextAfter is null || page.NextAfter == after)
                yield break;
            after = page.NextAfter;
        }
    }

    /// <summary>Delivers one again.</summary>
    public Task<DeadLetter> RedeliverAsync(string eventId, CancellationToken cancellationToken) =>
        api.SendAsync(HttpMethod.Post, $"deadletters/{Uri.EscapeDataString(eventId)}/redeliver?{Consumer}", null, DeadLettersJson.Default.DeadLetter, cancellationToken);

    /// <summary>Delivers all again.</summary>
    public Task<RedeliveredLetters> RedeliverAllAsync(CancellationToken cancellationToken) =>
        api.SendAsync(HttpMethod.Post, $"deadletters/redeliver?{Consumer}", null, DeadLettersJson.Default.RedeliveredLetters, cancellationToken);

    /// <summary>Deletes one for good.</summary>
    public Task<DeletedLetters> DeleteAsync(string eventId, CancellationToken cancellationToken) =>
        api.SendAsync(HttpMethod.Delete, $"deadletters/{Uri.EscapeDataString(eventId)}?{Consumer}", null, DeadLettersJson.Default.DeletedLetters, cancellationToken);

    /// <summary>Deletes all for good.</summary>
    public Task<DeletedLetters> DeleteAllAsync(CancellationToken cancellationToken) =>
        api.SendAsync(HttpMethod.Delete, $"deadletters?{Consumer}", null, DeadLettersJson.Default.DeletedLetters, cancellationToken);
}
