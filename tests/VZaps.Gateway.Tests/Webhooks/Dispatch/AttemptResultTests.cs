using VZaps.Gateway.Webhooks;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Dispatch;

public sealed class AttemptResultTests
{
    [Theory]
    [InlineData(200, 0, true)]
    [InlineData(500, 7.5, true)]
    [InlineData(200, 7.6, false)]
    [InlineData(null, 0, false)]
    public void An_answer_within_half_of_the_time_comes_soon_whatever_it_is(int? status, double seconds, bool isSoon)
    {
        var result = new AttemptResult
        {
            At = DateTimeOffset.UnixEpoch, Duration = TimeSpan.FromSeconds(seconds), Url = "https://example.com", RequestHeaders = EndpointSettings.NoHeaders, HttpStatus = status,
        };
        Assert.Equal(isSoon, result.IsSoon(TimeSpan.FromSeconds(15)));
    }
}
