namespace VZaps.Gateway.Realtime;

/// <summary>The consumer that a request's path named.</summary>
internal sealed record PathConsumer(string Name);

/// <summary>
/// Clients that cannot name a consumer do it by their base URL: behind <c>/consumers/{name}</c> stands everything that
/// stands behind <c>/</c>, so that such a client finds its token and its instances there, too.
/// </summary>
internal sealed class ConsumerBasePath(RequestDelegate next)
{
    private const string Prefix = "/consumers/";

    public Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        if (path.StartsWith(Prefix, StringComparison.Ordinal) && path.IndexOf('/', Prefix.Length) is var end and > 0)
        {
            context.Features.Set(new PathConsumer(path[Prefix.Length..end]));
            context.Request.PathBase += path[..end];
            context.Request.Path = path[end..];
        }

        return next(context);
    }
}
