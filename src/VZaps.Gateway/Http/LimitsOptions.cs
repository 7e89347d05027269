using Microsoft.Extensions.Options;

namespace VZaps.Gateway.Http;

/// <summary>Section <c>Limits</c>: how much one client may ask for.</summary>
internal sealed class LimitsOptions
{
    public const string Section = "Limits";

    /// <summary>Realtime connections of one instance. <value>Default 1,000; 1 to 1,000,000.</value></summary>
    public int ConnectionsPerInstance { get; set; } = 1_000;

    /// <summary>Realtime connections of one account. <value>Default 20,000; 1 to 1,000,000.</value></summary>
    public int ConnectionsPerAccount { get; set; } = 20_000;

    /// <summary>Events that one instance may publish in a second. <value>Default 0, no limit; 0 and up.</value></summary>
    public int PublishedEventsPerSecond { get; set; }

    /// <summary>Bytes that one instance may publish in a second. <value>Default 0, no limit; 0 and up.</value></summary>
    public long PublishedBytesPerSecond { get; set; }

    /// <summary>Refused requests for a token from one address in a minute. <value>Default 30; 1 to 1,000,000.</value></summary>
    public int FailedTokensPerMinute { get; set; } = 30;

    /// <summary>Webhook endpoints of one instance. <value>Default 16; 1 to 1,000.</value></summary>
    public int WebhooksPerInstance { get; set; } = 16;

    /// <summary>Bytes of all headers of a request. <value>Default 32 KiB; 4 KiB to 1 MiB.</value></summary>
    public int MaxRequestHeaderBytes { get; set; } = 32 * 1024;

    /// <summary>Bytes of a request's first line, so of its path and query. <value>Default 16 KiB; 4 KiB to 1 MiB.</value></summary>
    public int MaxRequestLineBytes { get; set; } = 16 * 1024;
}

internal sealed class LimitsValidator : IValidateOptions<LimitsOptions>
{
    private const int Million = 1_000_000, FourKibibytes = 4 * 1024, OneMebibyte = 1024 * 1024;

    public ValidateOptionsResult Validate(string? name, LimitsOptions options) => new OptionMistakes()
        .Require(options.ConnectionsPerInstance is >= 1 and <= Million, "Limits:ConnectionsPerInstance", options.ConnectionsPerInstance, "1 to 1000000")
        .Require(options.ConnectionsPerAccount is >= 1 and <= Million, "Limits:ConnectionsPerAccount", options.ConnectionsPerAccount, "1 to 1000000")
        .Require(options.PublishedEventsPerSecond >= 0, "Limits:PublishedEventsPerSecond", options.PublishedEventsPerSecond, "0 (no limit) and up")
        .Require(options.PublishedBytesPerSecond >= 0, "Limits:PublishedBytesPerSecond", options.PublishedBytesPerSecond, "0 (no limit) and up")
        .Require(options.FailedTokensPerMinute is >= 1 and <= Million, "Limits:FailedTokensPerMinute", options.FailedTokensPerMinute, "1 to 1000000")
        .Require(options.WebhooksPerInstance is >= 1 and <= 1_000, "Limits:WebhooksPerInstance", options.WebhooksPerInstance, "1 to 1000")
        .Require(options.MaxRequestHeaderBytes is >= FourKibibytes and <= OneMebibyte, "Limits:MaxRequestHeaderBytes", options.MaxRequestHeaderBytes, "4096 to 1048576")
        .Require(options.MaxRequestLineBytes is >= FourKibibytes and <= OneMebibyte, "Limits:MaxRequestLineBytes", options.MaxRequestLineBytes, "4096 to 1048576")
        .ToResult();
}
