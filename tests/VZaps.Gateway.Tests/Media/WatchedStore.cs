using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Tests.Media;

/// <summary>A store that tells what it is asked.</summary>
internal sealed class WatchedStore(IMediaStore inner) : IMediaStore
{
    private int _listings;

    /// <summary>How often all files were asked for.</summary>
    public int Listings => Volatile.Read(ref _listings);

    /// <summary>Runs once a file is kept, before whoever keeps it goes on.</summary>
    public Action Kept { get; set; } = () => { };

    /// <summary>Runs before a file is removed, by who has decided on it already.</summary>
    public Func<string, Task> Removing { get; set; } = _ => Task.CompletedTask;

    public async Task KeepAsync(IncomingFile file, CancellationToken cancellationToken)
    {
        await inner.KeepAsync(file, cancellationToken);
        Kept();
    }

    public ValueTask<bool> RenewAsync(string sha256, CancellationToken cancellationToken) => inner.RenewAsync(sha256, cancellationToken);

    public ValueTask<Stream?> OpenAsync(string sha256, CancellationToken cancellationToken) => inner.OpenAsync(sha256, cancellationToken);

    public async ValueTask<bool> RemoveAsync(string sha256, DateTimeOffset keptBefore, CancellationToken cancellationToken)
    {
        await Removing(sha256);
        return await inner.RemoveAsync(sha256, keptBefore, cancellationToken);
    }

    public IAsyncEnumerable<StoredFile> ListAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _listings);
        return inner.ListAsync(cancellationToken);
    }
}

internal static class RetentionCalls
{
    /// <summary>Has the gateway's files watched.</summary>
    public static void WatchStore(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<IMediaStore>(provider => new WatchedStore(ActivatorUtilities.CreateInstance<DiskMediaStore>(provider)));

    /// <summary>Leaves the retention to the test.</summary>
    public static void RemoveUpkeep(this WebApplicationBuilder builder) =>
        builder.Services.Remove(builder.Services.Single(service => service.ServiceType == typeof(IHostedService) && service.ImplementationType == typeof(MediaUpkeep)));
}
