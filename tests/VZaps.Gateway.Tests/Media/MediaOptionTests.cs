using VZaps.Gateway.Media;
using Xunit;

namespace VZaps.Gateway.Tests.Media;

public sealed class MediaOptionTests
{
    [Fact]
    public void The_defaults_are_in_their_ranges() => Assert.True(new MediaOptionsValidator().Validate(name: null, new MediaOptions()).Succeeded);

    [Fact]
    public void Everything_that_is_out_of_its_range_is_named_at_once()
    {
        var wrong = new MediaOptions
        {
            LinkLifetime = TimeSpan.Zero, WaitFor = TimeSpan.FromMinutes(3), MaxWaiting = -1, MaxFileBytes = 1, UploadsAtOnce = 0, UploadsAtOncePerInstance = 0, UploadTurnTimeout = TimeSpan.FromMinutes(6), UploadTimeout = TimeSpan.Zero, RegistrationTimeout = TimeSpan.Zero, FetchesAtOnce = 0, FetchesAtOncePerInstance = 0, FetchTimeout = TimeSpan.Zero,
            StallTimeout = TimeSpan.Zero, RetrySchedule = [TimeSpan.Zero], GraphUrl = "graph", AllowedNetworks = ["10"], RetentionAge = TimeSpan.Zero, RetentionBytes = 1, MinFreeBytes = -1,
        };
        var failures = new MediaOptionsValidator().Validate(name: null, wrong).Failures!.ToArray();
        string[] keys =
        [
            "LinkLifetime", "WaitFor", "MaxWaiting", "MaxFileBytes", "UploadsAtOnce", "UploadsAtOncePerInstance", "UploadTurnTimeout", "UploadTimeout", "RegistrationTimeout", "FetchesAtOnce", "FetchesAtOncePerInstance", "FetchTimeout", "StallTimeout", "RetrySchedule:0", "GraphUrl",
            "AllowedNetworks:0", "RetentionAge", "RetentionBytes", "MinFreeBytes",
        ];
        Assert.All(keys, key => Assert.Contains(failures, failure => failure.StartsWith($"Media:{key} is ", StringComparison.Ordinal)));
        Assert.Equal(keys.Length, failures.Length);
    }
}
