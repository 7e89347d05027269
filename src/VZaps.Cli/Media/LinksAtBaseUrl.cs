namespace VZaps.Cli.Media;

/// <summary>Asks for files at the address under which this tool reaches the gateway: the one in a link may be for others.</summary>
internal sealed class LinksAtBaseUrl : DelegatingHandler
{
    private const string Path = "/media/";
    private readonly string _base;

    public LinksAtBaseUrl(Uri baseUrl)
        // A redirect would carry the credentials, or the link, which is one, to wherever it points.
        : base(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) => _base = baseUrl.GetLeftPart(UriPartial.Path).TrimEnd('/');

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var address = request.RequestUri!.AbsoluteUri;
        // The SDK's calls go to the base address, and nothing else of it goes anywhere but to a link.
        if (!address.StartsWith(_base + "/", StringComparison.Ordinal))
        {
            var place = address.LastIndexOf(Path, StringComparison.Ordinal);
            if (place < 0)
                throw new VZapsException($"{request.RequestUri.GetLeftPart(UriPartial.Path)} is no link of a file of this gateway.");
            request.RequestUri = new Uri(_base + address[place..]);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
