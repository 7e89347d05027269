using VZaps.Gateway.Webhooks;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks;

public sealed class WebhookOptionTests
{
    [Fact]
    public void The_defaults_are_in_their_ranges() => Assert.True(new WebhookOptionsValidator().Validate(name: null, new WebhookOptions()).Succeeded);

    [Fact]
    public void Everything_that_is_out_of_its_range_is_named_at_once()
    {
        var wrong = new WebhookOptions
        {
            RetrySchedule = [TimeSpan.FromSeconds(1), TimeSpan.Zero], Timeout = TimeSpan.FromMinutes(6), AllowedNetworks = ["10.0.0.0"], Concurrency = 0, MaxInFlight = 0,
            MaxPendingPerEndpoint = 0, HoldFor = TimeSpan.FromDays(8), DisableAfter = TimeSpan.Zero, WarnAfter = TimeSpan.Zero, OldSecretFor = TimeSpan.FromDays(31),
        };
        var failures = new WebhookOptionsValidator().Validate(name: null, wrong).Failures!.ToArray();
        string[] keys =
        [
            "RetrySchedule:1", "Timeout", "AllowedNetworks:0", "Concurrency", "MaxInFlight", "MaxPendingPerEndpoint", "HoldFor", "DisableAfter", "WarnAfter", "OldSecretFor",
        ];
        Assert.All(keys, key => Assert.Contains(failures, failure => failure.StartsWith($"Webhooks:{key} is ", StringComparison.Ordinal)));
        Assert.Equal(keys.Length, failures.Length);
    }

    [Fact]
    public void A_schedule_without_a_wait_is_refused() =>
        Assert.False(new WebhookOptionsValidator().Validate(name: null, new WebhookOptions { RetrySchedule = [] }).Succeeded);
}
