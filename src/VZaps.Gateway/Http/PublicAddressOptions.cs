using System.Net;
using Microsoft.Extensions.Options;

namespace VZaps.Gateway.Http;

/// <summary>The key <c>PublicUrl</c>: under what address clients reach the gateway.</summary>
internal sealed class PublicAddressOptions
{
    /// <summary>What links are made of. <value>Default none: links are made of the request's own host.</value></summary>
    public string? PublicUrl { get; set; }
}

/// <summary>Section <c>Cors</c>.</summary>
internal sealed class CorsOptions
{
    public const string Section = "Cors";

    /// <summary>Origins whose pages may call the gateway, or <c>*</c>. <value>Default none but loopback, on any port; a list replaces that.</value></summary>
    public IReadOnlyList<string>? Origins { get; set; }
}

/// <summary>Section <c>ForwardedHeaders</c>.</summary>
internal sealed class ForwardedHeadersSettings
{
    public const string Section = "ForwardedHeaders";

    /// <summary>Networks whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed, such as <c>10.0.0.0/8</c>. <value>Default none.</value></summary>
    public IReadOnlyList<string> KnownNetworks { get; set; } = [];
}

internal sealed class PublicAddressValidator
    : IValidateOptions<PublicAddressOptions>, IValidateOptions<CorsOptions>, IValidateOptions<ForwardedHeadersSettings>
{
    // It stands in every event with a file, which has its limit.
    private const int MaxUrlLength = 512;

    public ValidateOptionsResult Validate(string? name, PublicAddressOptions options) => new OptionMistakes()
        .Require(string.IsNullOrEmpty(options.PublicUrl) || (IsHttp(options.PublicUrl) && options.PublicUrl.Length <= MaxUrlLength),
            "PublicUrl", options.PublicUrl, $"an absolute http or https URL of at most {MaxUrlLength} characters")
        .ToResult();

    public ValidateOptionsResult Validate(string? name, CorsOptions options)
    {
        var mistakes = new OptionMistakes();
        var place = 0;
        foreach (var origin in options.Origins ?? [])
        {
            mistakes.Require(origin == "*" || IsOrigin(origin), $"Cors:Origins:{place++}", origin,
                "an origin (scheme, host and port only, such as https://app.example.com) or *");
        }

        return mistakes.ToResult();
    }

    public ValidateOptionsResult Validate(string? name, ForwardedHeadersSettings options)
    {
        var mistakes = new OptionMistakes();
        var place = 0;
        foreach (var network in options.KnownNetworks)
        {
            mistakes.Require(IPNetwork.TryParse(network, out _), $"ForwardedHeaders:KnownNetworks:{place++}", network,
                "a network in CIDR form, such as 10.0.0.0/8, its bits behind the prefix zero");
        }

        return mistakes.ToResult();
    }

    private static bool IsHttp(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme is "http" or "https");

    private static bool IsOrigin(string text) => IsHttp(text) && new Uri(text).GetLeftPart(UriPartial.Authority) is var origin
        && text.TrimEnd('/').Equals(origin, StringComparison.OrdinalIgnoreCase);
}
