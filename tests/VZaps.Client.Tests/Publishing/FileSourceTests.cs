using VZaps.Client.Publishing;

namespace VZaps.Client.Tests.Publishing;

public sealed class FileSourceTests
{
    [Fact]
    public async Task A_read_of_a_request_that_was_given_up_ends_before_the_next_begins()
    {
        using var content = new Held([1, 2, 3]);
        var source = new FileSource(content);
        using var first = new MemoryStream();
        using var second = new MemoryStream();
        using var third = new MemoryStream();
        using var stopping = new CancellationTokenSource();
        var givenUp = source.CopyToAsync(first, null, CancellationToken.None);
        var impatient = source.CopyToAsync(second, null, stopping.Token);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient.OrFailAsync());
        var patient = source.CopyToAsync(third, null, CancellationToken.None);
        Assert.Equal(1, content.Reads);
        content.Go.SetResult();
        await givenUp.OrFailAsync();
        await patient.OrFailAsync();
        Assert.Equal([1, 2, 3], first.ToArray());
        Assert.Equal([1, 2, 3], third.ToArray());
    }

    private sealed class Held(byte[] bytes) : MemoryStream(bytes)
    {
        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Reads { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Reads++;
            await Go.Task;
            return await base.ReadAsync(buffer, cancellationToken);
        }
    }
}
