using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using VZaps.Gateway.Media;

namespace VZaps.Gateway.Tests.Media;

/// <summary>Files in memory: that the seam fits a store which is no disk.</summary>
internal sealed class InMemoryMediaStore(TimeProvider time) : IMediaStore
{
    private readonly ConcurrentDictionary<string, (byte[] Content, DateTimeOffset KeptAt)> _files = new(StringComparer.Ordinal);

    public async Task KeepAsync(IncomingFile file, CancellationToken cancellationToken)
    {
        var content = new MemoryStream();
        await using (var read = file.OpenRead())
            await read.CopyToAsync(content, cancellationToken);
        _files[file.Finish().Sha256] = (content.ToArray(), time.GetUtcNow());
    }

    public ValueTask<bool> RenewAsync(string sha256, CancellationToken cancellationToken)
    {
        while (_files.TryGetValue(sha256, out var file))
        {
            if (_files.TryUpdate(sha256, file with { KeptAt = time.GetUtcNow() }, file))
                return ValueTask.FromResult(true);
        }

        return ValueTask.FromResult(false);
    }

    public ValueTask<Stream?> OpenAsync(string sha256, CancellationToken cancellationToken) =>
        ValueTask.FromResult<Stream?>(_files.TryGetValue(sha256, out var file) ? new MemoryStream(file.Content, writable: false) : null);

    public ValueTask<bool> RemoveAsync(string sha256, DateTimeOffset keptBefore, CancellationToken cancellationToken)
    {
        var isRemoved = _files.TryGetValue(sha256, out var file) && file.KeptAt < keptBefore && _files.TryRemove(KeyValuePair.Create(sha256, file));
        return ValueTask.FromResult(isRemoved);
    }

    public async IAsyncEnumerable<StoredFile> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (hash, file) in _files)
            yield return new StoredFile(hash, file.Content.Length, file.KeptAt);
        await Task.CompletedTask;
    }
}
