using VZaps.LoadTest.Systems;

namespace VZaps.LoadTest.Workloads;

/// <summary>Subscriptions that end together.</summary>
internal sealed class Subscriptions : IAsyncDisposable
{
    private readonly List<ISubscription> _all = [];

    public void Add(ISubscription subscription) => _all.Add(subscription);

    public async ValueTask DisposeAsync() => await Task.WhenAll(_all.Select(subscription => subscription.DisposeAsync().AsTask()));
}
