using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace VZaps.Gateway.Http;

/// <summary>
/// Refuses a request whose first line or headers are larger than <see cref="LimitsOptions"/> allow, in the one shape of the contract.
/// The server itself refuses only what is <see cref="ServerFactor"/> times as large, as it does so with a status and no body.
/// </summary>
internal sealed class RequestSizes(RequestDelegate next, IOptions<LimitsOptions> limits)
{
    public const int ServerFactor = 2;

    // What stands around a value: ": " and the line's end; and in the first line two spaces and its end.
    private const int AroundHeader = 4, AroundTarget = 4;

    public Task InvokeAsync(HttpContext context)
    {
        if (LineBytes(context) > limits.Value.MaxRequestLineBytes)
            throw HttpProblems.LineTooLong(limits.Value.MaxRequestLineBytes).ToException();
        if (HeaderBytes(context.Request.Headers) > limits.Value.MaxRequestHeaderBytes)
            throw HttpProblems.HeadersTooLarge(limits.Value.MaxRequestHeaderBytes).ToException();
        return next(context);
    }

    private static int LineBytes(HttpContext context)
    {
        // What was taken out of the query came over the wire, too.
        var target = context.Features.Get<QueryCredentials>()?.TargetLength ?? context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Length;
        return context.Request.Method.Length + target + context.Request.Protocol.Length + AroundTarget;
    }

    private static int HeaderBytes(IHeaderDictionary headers)
    {
        var bytes = 0;
        foreach (var (name, values) in headers)
        {
            foreach (var value in values)
                bytes += name.Length + (value?.Length ?? 0) + AroundHeader;
        }

        return bytes;
    }
}
