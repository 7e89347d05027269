using VZaps.Gateway.Log;
using Xunit;

namespace VZaps.Gateway.Tests.Log;

public sealed class ReadOneTests
{
    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public async Task An_event_that_is_read_alone_is_a_copy_and_the_buffer_of_its_page_is_given_back(long sequence, bool isThere)
    {
        var log = new PooledPageLog(InstanceId.New(), events: 1);

        var found = await log.ReadOneAsync(log.Instance, sequence, CancellationToken.None);

        Assert.False(log.Memory.IsHeld);
        log.Overwrite();
        Assert.Equal(isThere, found is not null);
        if (found is { } envelope)
            Assert.Equal(log.Bytes, envelope.Utf8.ToArray());
    }
}
