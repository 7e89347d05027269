namespace VZaps.Cli.Media;

/// <summary>Asks for files at the address under which this tool reaches the gateway: the one in a link may be for others.</summary>
internal sealed class LinksAtBaseUrl : DelegatingHandler
{
    private const string Path = "/media/";
    private readonly Uri _baseUrl;

    public LinksAtBaseUrl(Uri baseUrl)
        // A redirect would carry the credentials, or the link, which is one, to wherever it points.
        : base(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) => _baseUrl = baseUrl;

    /// <summary>Where a link of the gateway's is asked for; null for one that is no link of a file.</summary>
    public static Uri? AddressOf(Uri baseUrl, Uri link)
    {
        var place = link.AbsoluteUri.LastIndexOf(Path, StringComparison.Ordinal);
        return place < 0 ? null : new Uri(Base(baseUrl) + link.AbsoluteUri[place..]);
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // The SDK's calls go to the base address, and nothing else of it goes anywhere but to a link.
        if (!request.RequestUri!.AbsoluteUri.StartsWith(Base(_baseUrl) + "/", StringComparison.Ordinal))
        {
            request.RequestUri = AddressOf(_baseUrl, request.RequestUri)
                ?? throw new VZapsException($"{request.RequestUri.GetLeftPart(UriPartial.Path)} is no link of a file of this gateway.");
        }

        return base.SendAsync(request, cancellationToken);
    }

    private static string Base(Uri baseUrl) => baseUrl.GetLeftPart(UriPartial.Path).TrimEnd('/');
}
