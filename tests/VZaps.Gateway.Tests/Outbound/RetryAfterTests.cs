using VZaps.Gateway.Outbound;
using Xunit;

namespace VZaps.Gateway.Tests.Outbound;

public sealed class RetryAfterTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 23, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("120", 120)]
    [InlineData("Tue, 23 Jun 2026 12:02:00 GMT", 120)]
    // As very old servers write it.
    [InlineData("Tuesday, 23-Jun-26 12:02:00 GMT", 120)]
    [InlineData("0", null)]
    [InlineData("Tue, 23 Jun 2026 11:59:59 GMT", null)]
    [InlineData("-5", null)]
    [InlineData("soon", null)]
    [InlineData("99999999999999999999", null)]
    [InlineData(null, null)]
    public void It_is_in_seconds_or_a_date(string? given, int? seconds)
    {
        using var response = new HttpResponseMessage();
        if (given is not null)
            Assert.True(response.Headers.TryAddWithoutValidation("Retry-After", given));
        Assert.Equal(seconds, RetryAfter.Of(response, Now)?.TotalSeconds);
    }

    [Fact]
    public void The_schedule_bounds_it()
    {
        using var response = new HttpResponseMessage();
        response.Headers.TryAddWithoutValidation("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT");
        var schedule = new RetrySchedule([TimeSpan.FromSeconds(5), TimeSpan.FromHours(24)]);
        Assert.Equal(Now + TimeSpan.FromHours(24), schedule.Next(1, Now, RetryAfter.Of(response, Now), random: 0));
    }
}
