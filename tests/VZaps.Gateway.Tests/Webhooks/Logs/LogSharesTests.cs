using VZaps.Gateway.Webhooks;
using Xunit;

namespace VZaps.Gateway.Tests.Webhooks.Logs;

public sealed class LogSharesTests
{
    [Theory]
    [InlineData(new long[0], 10, long.MaxValue)]
    [InlineData(new long[] { 4, 6 }, 10, long.MaxValue)]
    [InlineData(new long[] { 11 }, 10, 10)]
    [InlineData(new long[] { 100, 1, 2 }, 10, 7)]
    [InlineData(new long[] { 100, 100, 4 }, 10, 3)]
    [InlineData(new long[] { 100, 100, 2 }, 10, 4)]
    [InlineData(new long[] { 5 }, 0, 0)]
    public void Whoever_has_less_than_the_others_keeps_it_and_they_share_the_rest(long[] bytes, long most, long share) => Assert.Equal(share, LogShares.Of(bytes, most));
}
