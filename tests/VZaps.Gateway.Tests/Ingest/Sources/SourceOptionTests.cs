using VZaps.Gateway.Ingest.Sources;
using Xunit;

namespace VZaps.Gateway.Tests.Ingest.Sources;

public sealed class SourceOptionTests
{
    [Fact]
    public void The_defaults_are_in_their_ranges_and_so_is_a_source_that_is_never_silent()
    {
        Assert.True(new SourceOptionsValidator().Validate(name: null, new SourceOptions()).Succeeded);
        Assert.True(new SourceOptionsValidator().Validate(name: null, new SourceOptions { SilentAfter = TimeSpan.Zero }).Succeeded);
    }

    [Fact]
    public void Everything_that_is_out_of_its_range_is_named_at_once()
    {
        var wrong = new SourceOptions
        {
            CloudMaxBodyBytes = 1, WuzApiMaxBodyBytes = 1, WuzApiMaxJsonBytes = 1, MaxBodiesAtOnce = 0, MaxBodiesAtOncePerSource = 0, TurnTimeout = TimeSpan.FromMinutes(6), BodyTimeout = TimeSpan.Zero, IdentitiesPerSource = -1, KeptAge = TimeSpan.Zero, KeptPerSource = 0, KeptBytesPerSource = 1,
            SilentAfter = TimeSpan.FromSeconds(1),
        };
        var failures = new SourceOptionsValidator().Validate(name: null, wrong).Failures!.ToArray();
        string[] keys =
        [
            "CloudMaxBodyBytes", "WuzApiMaxBodyBytes", "WuzApiMaxJsonBytes", "MaxBodiesAtOnce", "MaxBodiesAtOncePerSource", "TurnTimeout", "BodyTimeout", "IdentitiesPerSource", "KeptAge", "KeptPerSource", "KeptBytesPerSource", "SilentAfter",
        ];
        Assert.All(keys, key => Assert.Contains(failures, failure => failure.StartsWith($"Sources:{key} is ", StringComparison.Ordinal)));
        Assert.Equal(keys.Length, failures.Length);
    }
}
