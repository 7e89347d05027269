using VZaps.LoadTest.Systems;

namespace VZaps.LoadTest.Workloads;

/// <summary>Publishers that each send the next request when the one before was answered.</summary>
internal sealed class ClosedLoop : IAsyncDisposable
{
    private readonly IReadOnlyList<IPublisher> _publishers;

    private ClosedLoop(IReadOnlyList<IPublisher> publishers) => _publishers = publishers;

    public static async Task<ClosedLoop> OpenAsync(IServer server, int publishers)
    {
        var opened = new List<IPublisher>(publishers);
        for (var i = 0; i < publishers; i++)
            opened.Add(await server.OpenPublisherAsync());
        return new ClosedLoop(opened);
    }

    /// <summary>Publishes the events from one number up to another, so many a request.</summary>
    /// <param name="first">The first number.</param>
    /// <param name="end">The number behind the last.</param>
    /// <param name="perRequest">Events a request.</param>
    /// <param name="instanceOf">Where an event goes; null for the first instance.</param>
    public async Task PublishAsync(int first, int end, int perRequest = 1, Func<int, int>? instanceOf = null)
    {
        var next = first;
        var failed = false;
        await Task.WhenAll(_publishers.Select(RunAsync));

        async Task RunAsync(IPublisher publisher)
        {
            while (!Volatile.Read(ref failed) && Interlocked.Add(ref next, perRequest) - perRequest is var number && number < end)
            {
                try
                {
                    await publisher.PublishAsync(instanceOf?.Invoke(number) ?? 0, number, Math.Min(perRequest, end - number));
                }
                catch
                {
                    Volatile.Write(ref failed, true);
                    throw;
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var publisher in _publishers)
            await publisher.DisposeAsync();
    }
}
