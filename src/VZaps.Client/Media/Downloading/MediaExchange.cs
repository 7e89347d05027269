using System.Net.Http.Headers;

namespace VZaps.Client.Media;

/// <summary>Sends one request for a file, and follows where it is led on to: by hand, as nothing but the request itself is to go there.</summary>
internal sealed class MediaExchange(MediaAccess access)
{
    private const int MostRedirects = 5;

    /// <param name="link">Where the file is.</param>
    /// <param name="from">From which byte on it is wanted.</param>
    /// <param name="condition">Of which file it must be; null for any.</param>
    /// <param name="limit">How long each answer may take.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MediaInterruptedException">It may be tried again.</exception>
    /// <exception cref="VZapsMediaException">It is led on to where it does not go.</exception>
    public async Task<MediaBody> SendAsync(Uri link, long from, RangeConditionHeaderValue? condition, TimeSpan limit, CancellationToken cancellationToken)
    {
        var trail = new MediaTrail(link);
        var isGateway = true;
        while (true)
        {
            // What a stranger leads back to the gateway is a stranger's request.
            isGateway = isGateway && access.IsGateway(trail.Place);
            var body = await SendOnceAsync(isGateway ? access.GatewayHttp! : access.Http, trail, from, condition, limit, cancellationToken).ConfigureAwait(false);
            if (!body.IsRedirect)
                return body;
            await using (body.ConfigureAwait(false))
                trail.Add(NextPlace(trail, body.Location));
        }
    }

    private async Task<MediaBody> SendOnceAsync(
        HttpClient http, MediaTrail trail, long from, RangeConditionHeaderValue? condition, TimeSpan limit, CancellationToken cancellationToken)
    {
        // No credentials: the link has its own, and leads to wherever it leads.
        using var request = new HttpRequestMessage(HttpMethod.Get, trail.Place);
        request.Headers.AcceptEncoding.ParseAdd("identity");
        if (from > 0)
        {
            request.Headers.Range = new RangeHeaderValue(from, null);
            request.Headers.IfRange = condition;
        }

        var watch = new StallWatch(access, trail) { Limit = limit };
        try
        {
            var answer = await watch.RunAsync(
                (Http: http, Request: request),
                static async (parts, token) => await parts.Http.SendAsync(parts.Request, HttpCompletionOption.ResponseHeadersRead, token).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
            return new MediaBody(answer, watch, trail, from);
        }
        catch
        {
            watch.Dispose();
            throw;
        }
    }

    private static Uri NextPlace(MediaTrail trail, Uri? location)
    {
        if (trail.Redirects == MostRedirects)
            throw Bad($"is the end of {MostRedirects} redirects, and leads on");
        if (location is null || !Uri.TryCreate(trail.Place, location, out var next) || !EventMediaReader.IsWeb(next))
            throw Bad("redirects to what is no web address");
        return trail.Place.Scheme == Uri.UriSchemeHttps && next.Scheme == Uri.UriSchemeHttp ? throw Bad("redirects from https to http") : next;

        VZapsMediaException Bad(string what) => new(MediaProblem.BadRedirect, $"{trail.Name} {what}; it is not followed.");
    }
}
