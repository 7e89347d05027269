using System.Net;
using System.Net.Http.Headers;
using VZaps.Client.Http;

namespace VZaps.Client.Media;

/// <summary>Asks for a file until there is one: waits while it is pending, and renews a link that is refused, once.</summary>
internal sealed class MediaRequests(MediaAccess access, MediaLink link)
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);
    private readonly long _begun = access.Time.GetTimestamp();
    private bool _isRenewed;

    /// <summary>The file from a place on.</summary>
    /// <param name="from">The place; the answer may begin elsewhere.</param>
    /// <param name="etag">Of which file it must be; null where that is not known.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MediaInterruptedException">It may be tried again.</exception>
    /// <exception cref="VZapsException">It need not.</exception>
    public async Task<MediaBody> OpenAsync(long from, EntityTagHeaderValue? etag, CancellationToken cancellationToken)
    {
        while (true)
        {
            var url = link.Url;
            var body = await SendAsync(url, from, etag, cancellationToken).ConfigureAwait(false);
            TimeSpan wait;
            try
            {
                if (body.Status is HttpStatusCode.OK or HttpStatusCode.PartialContent)
                    return body;
                var refusal = await body.ReadRefusalAsync(access.Time, cancellationToken).ConfigureAwait(false);
                wait = await AfterAsync(refusal, url, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                await body.DisposeAsync().ConfigureAwait(false);
                throw;
            }

            await body.DisposeAsync().ConfigureAwait(false);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, access.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>How long to wait before it is asked for again; throws where it is not.</summary>
    private async Task<TimeSpan> AfterAsync(Refusal refusal, Uri url, CancellationToken cancellationToken)
    {
        if (refusal.Status == (int)HttpStatusCode.Accepted)
            return WaitForPending(refusal, url);
        var error = MediaErrors.From(refusal, url);
        if (error is not VZapsMediaException { Problem: MediaProblem.LinkExpired or MediaProblem.LinkRefused } refused || _isRenewed)
            throw error;
        if (link.WhyNotRenewed is { } why)
            throw NotRenewed(refused, why);
        _isRenewed = true;
        try
        {
            await link.RenewAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (VZapsException none)
        {
            throw NotRenewed(refused, $"A new link could not be had: {none.Message}", none);
        }

        return TimeSpan.Zero;
    }

    private static VZapsMediaException NotRenewed(VZapsMediaException refused, string why, VZapsException? cause = null) =>
        new(refused.Problem, $"{refused.Message} {why}", cause) { ErrorCode = refused.ErrorCode };

    private TimeSpan WaitForPending(Refusal refusal, Uri url)
    {
        var wait = refusal.RetryAfter is { } asked && asked > ShortestWait ? asked : ShortestWait;
        if (access.Time.GetElapsedTime(_begun) + wait <= access.PendingTimeout)
            return wait;
        throw new VZapsMediaException(MediaProblem.StillPending,
            $"{MediaErrors.NameOf(url)}: the file is still being fetched after {access.PendingTimeout} (MediaPendingTimeout), and will not be there for another {wait}.") { RetryAfter = refusal.RetryAfter };
    }

    private async Task<MediaBody> SendAsync(Uri url, long from, EntityTagHeaderValue? etag, CancellationToken cancellationToken)
    {
        // No credentials: the link has its own, and leads to wherever it leads.
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.AcceptEncoding.ParseAdd("identity");
        if (from > 0)
        {
            request.Headers.Range = new RangeHeaderValue(from, null);
            if (etag is { IsWeak: false })
                request.Headers.IfRange = new RangeConditionHeaderValue(etag);
        }

        var watch = new StallWatch(access, url);
        try
        {
            var answer = await watch.RunAsync(
                (Http: access.Http, Request: request),
                static async (parts, token) => await parts.Http.SendAsync(parts.Request, HttpCompletionOption.ResponseHeadersRead, token).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
            return new MediaBody(answer, watch);
        }
        catch
        {
            watch.Dispose();
            throw;
        }
    }
}
