using System.Net;
using System.Text.Json;
using VZaps.Cli.Gateways;

namespace VZaps.Cli.Media;

/// <summary>Downloads a file by its link, and waits for one that is still being fetched.</summary>
internal sealed class MediaFile(Uri baseUrl) : IDisposable
{
    private const string Path = "/media/";
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(100), ShortestWait = TimeSpan.FromSeconds(1), LongestWait = TimeSpan.FromSeconds(30);

    // The link is the credential; a redirect would carry it to wherever it points.
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Stall };

    /// <summary>Downloads it.</summary>
    /// <param name="item">The file.</param>
    /// <param name="to">Where its bytes go.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <exception cref="VZapsException">It could not be fetched, is gone, or the gateway is not reached.</exception>
    public async Task DownloadAsync(MediaItem item, Stream to, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var answer = await SendAsync(LinkOf(item), cancellationToken);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                await CopyAsync(answer, to, cancellationToken);
                return;
            }

            if (answer.StatusCode != HttpStatusCode.Accepted)
                throw ApiRefusal.Of(answer, await answer.Content.ReadAsByteArrayAsync(cancellationToken), $"GET {Path}{item.Id}", []);
            var wait = answer.Headers.RetryAfter?.Delta ?? ShortestWait;
            await Task.Delay(wait < ShortestWait ? ShortestWait : wait > LongestWait ? LongestWait : wait, cancellationToken);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The link, at the address under which this tool reaches the gateway: the one in it may be for others.</summary>
    private Uri LinkOf(MediaItem item)
    {
        var place = item.MediaUrl.LastIndexOf(Path, StringComparison.Ordinal);
        if (place < 0)
            throw new VZapsException($"The gateway's link of {item.Id} is not one of a file.", new JsonException());
        return new Uri(baseUrl.GetLeftPart(UriPartial.Path).TrimEnd('/') + item.MediaUrl[place..]);
    }

    private async Task<HttpResponseMessage> SendAsync(Uri link, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.GetAsync(link, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VZapsTimeoutException($"The file had no answer within {Stall.TotalSeconds:0} s.", late);
        }
        catch (HttpRequestException failure)
        {
            throw new VZapsException($"The file did not reach {baseUrl.GetLeftPart(UriPartial.Authority)}: {failure.Message.TrimEnd('.')}.", failure);
        }
    }

    private static async Task CopyAsync(HttpResponseMessage answer, Stream to, CancellationToken cancellationToken)
    {
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
            await body.CopyToAsync(to, cancellationToken);
        }
        catch (HttpRequestException broken)
        {
            throw new VZapsException("The file broke off.", broken);
        }
    }
}
