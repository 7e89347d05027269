namespace VZaps.Client.Configuration;

/// <summary>A base address whose path, if it has one, stands before every route's.</summary>
internal sealed class ServiceAddress(Uri address)
{
    private readonly string _prefix = address.GetLeftPart(UriPartial.Path).TrimEnd('/');

    /// <summary>The address as it was given.</summary>
    public Uri Address => address;

    /// <summary>The consumer that the path names, as in <c>/consumers/{name}</c>; null where it names none.</summary>
    public string? ConsumerInPath { get; } = FindConsumer(address.AbsolutePath);

    /// <summary>The full address of a route, which begins with a slash and may have a query.</summary>
    public Uri Of(string route) => new(_prefix + route);

    public override string ToString() => _prefix;

    public static Uri WithRealtimeScheme(Uri baseUrl) =>
        new((baseUrl.Scheme == Uri.UriSchemeHttps ? "wss" : "ws") + baseUrl.GetLeftPart(UriPartial.Path)[baseUrl.Scheme.Length..]);

    private static string? FindConsumer(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts is [.., "consumers", var name] ? name : null;
    }
}
