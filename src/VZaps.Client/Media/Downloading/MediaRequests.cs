using System.Net;
using System.Net.Http.Headers;
using VZaps.Client.Http;

namespace VZaps.Client.Media;

/// <summary>Asks for a file until there is one: waits while it is pending, and renews a link that is refused, once for each time that it was good.</summary>
/// <param name="access">How it is asked for.</param>
/// <param name="link">Where.</param>
/// <param name="isPending">Whether it was still being fetched when the event was written.</param>
internal sealed class MediaRequests(MediaAccess access, MediaLink link, bool isPending)
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);

    // A gateway keeps who asks for a pending file waiting for so long at most (Media:WaitFor).
    private static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(2);

    // The file may be there by now, and a server needs time to say so.
    private static readonly TimeSpan ShortestHold = TimeSpan.FromSeconds(5);
    private readonly MediaExchange _exchange = new(access);
    private bool _isPending = isPending;
    private long? _begun;
    private bool _isRenewed;

    /// <summary>The file from a place on, or the answer that it has none there.</summary>
    /// <param name="from">The place; the answer may begin elsewhere.</param>
    /// <param name="condition">Of which file it must be; null for any.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MediaInterruptedException">It may be tried again.</exception>
    /// <exception cref="VZapsException">It need not.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    public async Task<MediaBody> OpenAsync(long from, RangeConditionHeaderValue? condition, CancellationToken cancellationToken)
    {
        _begun ??= access.Time.GetTimestamp();
        while (true)
        {
            var left = access.PendingTimeout - access.Time.GetElapsedTime(_begun.Value);
            var (longest, most) = (access.StallTimeout + LongestHold, left > ShortestHold ? left : ShortestHold);
            try
            {
                var limit = !_isPending ? access.StallTimeout : longest < most ? longest : most;
                var (body, wait) = await AskAsync(from, condition, limit, cancellationToken).ConfigureAwait(false);
                if (body is not null)
                    return body;
                if (wait > TimeSpan.Zero)
                    await Task.Delay(wait, access.Time, cancellationToken).ConfigureAwait(false);
            }
            catch (MediaInterruptedException stalled) when (stalled.IsStall && _isPending && most <= longest)
            {
                throw StillPending("and its server keeps who asks for it waiting.", stalled.Meaning);
            }
            catch (ObjectDisposedException disposed)
            {
                throw new ObjectDisposedException(
                    $"{MediaErrors.NameOf(link.Url)}: the VZapsClient that received the event has been disposed, or the HTTP client or handler that it was given; its files can be had until then.", disposed);
            }
        }
    }

    /// <summary>Asks once.</summary>
    /// <returns>The file, or how long to wait before it is asked for again.</returns>
    private async Task<(MediaBody? Body, TimeSpan Wait)> AskAsync(long from, RangeConditionHeaderValue? condition, TimeSpan limit, CancellationToken cancellationToken)
    {
        var body = await _exchange.SendAsync(link.Url, from, condition, limit, cancellationToken).ConfigureAwait(false);
        try
        {
            if (body.IsOfFile)
            {
                (_isPending, _begun, _isRenewed) = (false, null, false);
                body.Accept();
                return (body, default);
            }

            var refusal = await body.ReadRefusalAsync(access.Time, cancellationToken).ConfigureAwait(false);
            var wait = await AfterAsync(refusal, body.Trail, cancellationToken).ConfigureAwait(false);
            await body.DisposeAsync().ConfigureAwait(false);
            return (null, wait);
        }
        catch
        {
            await body.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>How long to wait before it is asked for again; throws where it is not.</summary>
    private async Task<TimeSpan> AfterAsync(Refusal refusal, MediaTrail trail, CancellationToken cancellationToken)
    {
        if (refusal.Status == (int)HttpStatusCode.Accepted)
            return WaitForPending(refusal);
        var error = MediaErrors.From(refusal, trail);
        if (error is not VZapsMediaException { Problem: MediaProblem.LinkExpired or MediaProblem.LinkRefused } refused || _isRenewed)
            throw error;
        if (link.WhyNotRenewed is { } why)
            throw new VZapsMediaException(refused.Problem, $"{refused.Message} {why}") { ErrorCode = refused.ErrorCode };
        try
        {
            await link.RenewAsync(cancellationToken).ConfigureAwait(false);
            _isRenewed = true;
        }
        catch (VZapsApiException none) when (none.StatusCode is < 500 and not (408 or 425))
        {
            throw MediaErrors.NotRenewed(refused, none);
        }

        return TimeSpan.Zero;
    }

    private TimeSpan WaitForPending(Refusal refusal)
    {
        // The link was good, and each of these takes time: no two answers can renew it for ever.
        (_isPending, _isRenewed) = (true, false);
        var wait = refusal.RetryAfter is { } asked && asked > ShortestWait ? asked : ShortestWait;
        return access.Time.GetElapsedTime(_begun!.Value) + wait <= access.PendingTimeout ? wait : throw StillPending($"and will not be there for another {wait}.", retryAfter: refusal.RetryAfter);
    }

    private VZapsMediaException StillPending(string what, Exception? cause = null, TimeSpan? retryAfter = null) =>
        new(MediaProblem.StillPending, $"{MediaErrors.NameOf(link.Url)}: the file is still being fetched after {access.PendingTimeout} (MediaPendingTimeout), {what}", cause) { RetryAfter = retryAfter };
}
