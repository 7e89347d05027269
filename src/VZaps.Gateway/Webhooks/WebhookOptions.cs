using Microsoft.Extensions.Options;
using VZaps.Gateway.Http;
using VZaps.Gateway.Outbound;

namespace VZaps.Gateway.Webhooks;

/// <summary>Section <c>Webhooks</c>: how events are posted to endpoints.</summary>
internal sealed class WebhookOptions
{
    public const string Section = "Webhooks";

    /// <summary>How long to wait after each failed attempt before the next one; up to a tenth is added. After the last, a delivery has failed.
    /// <value>Default 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h; 1 to 50 waits of 100 ms to 30 days.</value></summary>
    public IReadOnlyList<TimeSpan> RetrySchedule { get; set; } =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    /// <summary>How long one attempt may take, from the connect to the end of what is read of the answer. <value>Default 15 s; 100 ms to 5 min.</value></summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Networks that are not public and may be called all the same, in CIDR form. <value>Default none.</value></summary>
    public IReadOnlyList<string> AllowedNetworks { get; set; } = [];

    /// <summary>Most attempts of one endpoint at a time. <value>Default 10; 1 to 1,000.</value></summary>
    public int Concurrency { get; set; } = 10;

    /// <summary>Most attempts of the gateway at a time, the first one of each endpoint not counted: that one waits for nobody.
    /// <value>Default 500; 1 to 100,000.</value></summary>
    public int MaxInFlight { get; set; } = 500;

    /// <summary>Most deliveries of an endpoint that wait for their next attempt; beyond, it reads no further. <value>Default 10,000; 1 to 1,000,000.</value></summary>
    public int MaxPendingPerEndpoint { get; set; } = 10_000;

    /// <summary>How long an event that fails may hold back later ones of its chat, where the order is <c>chat</c>. <value>Default 1 h; 1 s to 7 days.</value></summary>
    public TimeSpan HoldFor { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long an endpoint may fail without one success before it is disabled. <value>Default 5 days; 1 min to 365 days.</value></summary>
    public TimeSpan DisableAfter { get; set; } = TimeSpan.FromDays(5);

    /// <summary>How long an endpoint may fail before it is said that it will be disabled. <value>Default 1 day; 1 s to 365 days.</value></summary>
    public TimeSpan WarnAfter { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long after a rotation posts are signed with the old secret too. <value>Default 24 h; 0 to 30 days.</value></summary>
    public TimeSpan OldSecretFor { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long a delivery log is kept once it is settled. <value>Default 30 days; 1 min to 3,650 days.</value></summary>
    public TimeSpan LogRetentionAge { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Most delivery logs of one instance; beyond, the oldest that are settled go. <value>Default 1,000,000; 1 to 1,000,000,000.</value></summary>
    public long LogRetentionCount { get; set; } = 1_000_000;

    /// <summary>Most bytes of all attempts and copies of events in the logs; beyond, the oldest copies go, and then the oldest logs.
    /// <value>Default 4 GiB; 1 MiB and up.</value></summary>
    public long LogRetentionBytes { get; set; } = 4L << 30;
}

internal sealed class WebhookOptionsValidator : IValidateOptions<WebhookOptions>
{
    private const int MaxWaits = 50, OneMebibyte = 1 << 20;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100), OneSecond = TimeSpan.FromSeconds(1), OneMinute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan OneMonth = TimeSpan.FromDays(30), OneYear = TimeSpan.FromDays(365), TenYears = TimeSpan.FromDays(3_650);

    public ValidateOptionsResult Validate(string? name, WebhookOptions options)
    {
        var mistakes = new OptionMistakes()
            .Require(options.RetrySchedule.Count is >= 1 and <= MaxWaits, "Webhooks:RetrySchedule", $"{options.RetrySchedule.Count} waits", "1 to 50")
            .Require(options.Timeout >= Shortest && options.Timeout <= TimeSpan.FromMinutes(5), "Webhooks:Timeout", options.Timeout, "00:00:00.1 to 00:05:00")
            .Require(options.Concurrency is >= 1 and <= 1_000, "Webhooks:Concurrency", options.Concurrency, "1 to 1000")
            .Require(options.MaxInFlight is >= 1 and <= 100_000, "Webhooks:MaxInFlight", options.MaxInFlight, "1 to 100000")
            .Require(options.MaxPendingPerEndpoint is >= 1 and <= 1_000_000, "Webhooks:MaxPendingPerEndpoint", options.MaxPendingPerEndpoint, "1 to 1000000")
            .Require(options.HoldFor >= OneSecond && options.HoldFor <= TimeSpan.FromDays(7), "Webhooks:HoldFor", options.HoldFor, "00:00:01 to 7.00:00:00")
            .Require(options.DisableAfter >= OneMinute && options.DisableAfter <= OneYear, "Webhooks:DisableAfter", options.DisableAfter, "00:01:00 to 365.00:00:00")
            .Require(options.WarnAfter >= OneSecond && options.WarnAfter <= OneYear, "Webhooks:WarnAfter", options.WarnAfter, "00:00:01 to 365.00:00:00")
            .Require(options.OldSecretFor >= TimeSpan.Zero && options.OldSecretFor <= OneMonth, "Webhooks:OldSecretFor", options.OldSecretFor, "00:00:00 to 30.00:00:00")
            .Require(options.LogRetentionAge >= OneMinute && options.LogRetentionAge <= TenYears, "Webhooks:LogRetentionAge", options.LogRetentionAge, "00:01:00 to 3650.00:00:00")
            .Require(options.LogRetentionCount is >= 1 and <= 1_000_000_000, "Webhooks:LogRetentionCount", options.LogRetentionCount, "1 to 1000000000")
            .Require(options.LogRetentionBytes >= OneMebibyte, "Webhooks:LogRetentionBytes", options.LogRetentionBytes, "1048576 and up");
        for (var place = 0; place < options.RetrySchedule.Count; place++)
        {
            var wait = options.RetrySchedule[place];
            mistakes.Require(wait >= Shortest && wait <= OneMonth, $"Webhooks:RetrySchedule:{place}", wait, "00:00:00.1 to 30.00:00:00");
        }

        return AllowedNetworks.Require(mistakes, "Webhooks:AllowedNetworks", options.AllowedNetworks).ToResult();
    }
}
