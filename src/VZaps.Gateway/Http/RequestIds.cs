using System.Buffers;

namespace VZaps.Gateway.Http;

/// <summary>Gives each request an id, the client's where that is short and plain, answers it and puts it into the log scope.</summary>
internal sealed class RequestIds(RequestDelegate next, ILogger<RequestIds> logger)
{
    public const string Header = "X-Request-Id";

    private const int MaxLength = 64;
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:");

    public async Task InvokeAsync(HttpContext context)
    {
        var given = context.Request.Headers[Header].ToString();
        if (given.Length is > 0 and <= MaxLength && !given.AsSpan().ContainsAnyExcept(Plain))
            context.TraceIdentifier = given;
        context.Response.Headers[Header] = context.TraceIdentifier;
        using (logger.BeginScope(new KeyValuePair<string, object>[] { new("RequestId", context.TraceIdentifier) }))
            await next(context);
    }
}
