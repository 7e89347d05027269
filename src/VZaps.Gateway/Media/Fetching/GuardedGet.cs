using System.Net.Http.Headers;
using System.Net.Sockets;
using VZaps.Gateway.Outbound;

namespace VZaps.Gateway.Media;

/// <summary>Gets a URL, through the guard at each hop. Thread-safe.</summary>
internal sealed class GuardedGet(IHttpClientFactory clients)
{
    /// <summary>The name of the <see cref="HttpClient"/>.</summary>
    public const string ClientName = "media";

    // Some servers answer a client without one with an error page.
    private const string UserAgent = "VZaps-Media/1";
    private const int MaxRedirects = 5;

    /// <summary>Gets it, and follows redirects; the answer's head, whatever its status.</summary>
    /// <param name="url">An http or https URL.</param>
    /// <param name="token">A bearer token for the URL's own origin, and for no other that it leads to; null for none.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <exception cref="MediaFailedException">The address may not be called, could not be reached, or leads too far.</exception>
    public async Task<HttpResponseMessage> GetAsync(Uri url, string? token, CancellationToken cancellationToken)
    {
        var first = url;
        for (var redirects = 0; ; redirects++)
        {
            var response = await SendAsync(url, IsOrigin(first, url) ? token : null, cancellationToken);
            if (!IsRedirect(response))
                return response;
            using (response)
                url = NextOf(url, response.Headers.Location!);
            if (redirects == MaxRedirects)
                throw MediaFailures.BadUrl($"It leads through more than {MaxRedirects} redirects.").ToException();
        }
    }

    private async Task<HttpResponseMessage> SendAsync(Uri url, string? token, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.UserAgent.ParseAdd(UserAgent);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            // Not disposed: its handler is the gateway's, and the answer's body is still to be read.
            return await clients.CreateClient(ClientName).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception failed) when (OutboundRefusedException.In(failed) is { } refused)
        {
            throw MediaFailures.AddressRefused(refused.Message).ToException();
        }
        catch (Exception failed) when (!cancellationToken.IsCancellationRequested && failed is HttpRequestException or IOException or SocketException or OperationCanceledException)
        {
            throw MediaFailures.Unreachable(url.IdnHost).ToException();
        }
    }

    private static bool IsRedirect(HttpResponseMessage response) => (int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && response.Headers.Location is not null;

    private static Uri NextOf(Uri url, Uri location)
    {
        if (!Uri.TryCreate(url, location, out var absolute))
            throw MediaFailures.BadUrl("It leads to what is no URL.").ToException();
        var next = FetchUrl.Parse(absolute.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.Fragment, UriFormat.UriEscaped));
        return url.Scheme == Uri.UriSchemeHttps && next.Scheme != Uri.UriSchemeHttps
            ? throw MediaFailures.BadUrl("It leads from https to http.").ToException()
            : next;
    }

    /// <summary>Whether two URLs are of one scheme, host and port.</summary>
    public static bool IsOrigin(Uri one, Uri other) => one.Scheme == other.Scheme && one.Port == other.Port && one.IdnHost.Equals(other.IdnHost, StringComparison.OrdinalIgnoreCase);
}
