using System.Text;
using Xunit;

namespace VZaps.Protocol.Tests;

public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void A_time_in_utf8_has_64_bytes_at_most(int bytes, bool isTime)
    {
        var text = "2026-06-23T22:57:17.5" + new string('0', bytes - 22) + "Z";

        Assert.Equal(isTime, Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out var time));
        Assert.Equal(isTime ? new DateTimeOffset(2026, 6, 23, 22, 57, 17, 500, TimeSpan.Zero) : default, time);
        Assert.True(Rfc3339.TryParse(text, out _));
    }
}
