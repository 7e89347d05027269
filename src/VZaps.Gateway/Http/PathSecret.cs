using Microsoft.AspNetCore.Http.Features;

namespace VZaps.Gateway.Http;

/// <summary>The secret that was in a request's path, and is so no longer: the senders of sources that cannot sign have it in their URL,
/// <c>/sources/{id}/{secret}</c>.</summary>
internal sealed record PathSecret(string Value)
{
    public const string Prefix = "/sources/";

    private const string Consumers = "/consumers/";

    /// <summary>Takes the secret out of a request, before anything that logs or traces has seen it, and keeps it as a feature.</summary>
    public static void TakeFrom(IFeatureCollection features)
    {
        if (features.Get<IHttpRequestFeature>() is not { } request || Cut(request.Path) is not { } path)
            return;
        features.Set(new PathSecret(request.Path[(path.Length + 1)..]));
        request.Path = path;
        var target = request.RawTarget;
        // The raw target may be spelled with escapes, or be a whole URL: it is made anew.
        var queryStart = target.IndexOf('?', StringComparison.Ordinal);
        request.RawTarget = queryStart < 0 ? path : string.Concat(path, target.AsSpan(queryStart));
    }

    // A record would print it.
    public override string ToString() => nameof(PathSecret);

    /// <summary>The path without what stands behind the id; null where nothing does.</summary>
    private static string? Cut(string path)
    {
        // Everything stands behind a consumer's name, too; there is no such sender, but a URL that was put together wrongly must not be logged either.
        var start = path.StartsWith(Consumers, StringComparison.OrdinalIgnoreCase) ? path.IndexOf('/', Consumers.Length) : 0;
        if (start < 0 || !path.AsSpan(start).StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            return null;
        var end = path.IndexOf('/', start + Prefix.Length);
        return end > start + Prefix.Length && end + 1 < path.Length ? path[..end] : null;
    }
}
