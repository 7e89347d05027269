using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;

namespace VZaps.Gateway.Http;

/// <summary>Which pages in browsers may call the gateway.</summary>
internal sealed class CrossOrigin(IOptions<CorsOptions> options) : IConfigureOptions<Microsoft.AspNetCore.Cors.Infrastructure.CorsOptions>
{
    private static readonly TimeSpan PreflightLifetime = TimeSpan.FromMinutes(10);

    public void Configure(Microsoft.AspNetCore.Cors.Infrastructure.CorsOptions cors) => cors.AddDefaultPolicy(Allow);

    // No credentials in the sense of CORS: the gateway knows no cookie, and tokens are headers that the page sets.
    private void Allow(CorsPolicyBuilder policy) => policy
        .SetIsOriginAllowed(IsAllowed)
        .AllowAnyHeader()
        .AllowAnyMethod()
        .WithExposedHeaders(RequestIds.Header, "Retry-After")
        .SetPreflightMaxAge(PreflightLifetime);

    private bool IsAllowed(string origin)
    {
        if (!Uri.TryCreate(origin, UriKind.Absolute, out var url))
            return false;
        return options.Value.Origins is { Count: > 0 } listed
            ? listed.Any(allowed => allowed == "*" || allowed.TrimEnd('/').Equals(origin, StringComparison.OrdinalIgnoreCase))
            : url.IsLoopback;
    }
}
