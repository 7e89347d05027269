using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace LivePage;

/// <summary>The pages that are open. Each has a bounded queue of its own: one that does not keep up misses the oldest, and holds nobody up.</summary>
internal sealed class Watchers
{
    private const int QueuedLines = 100;
    private readonly ConcurrentDictionary<Channel<string>, bool> _open = new();

    public void Show(string line)
    {
        foreach (var page in _open.Keys)
            page.Writer.TryWrite(line);
    }

    public async IAsyncEnumerable<string> WatchAsync(CancellationToken gone, [EnumeratorCancellation] CancellationToken stopping = default)
    {
        var page = Channel.CreateBounded<string>(new BoundedChannelOptions(QueuedLines) { FullMode = BoundedChannelFullMode.DropOldest });
        _open.TryAdd(page, true);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(gone, stopping);
        // Either of them ends the page's stream; the server's stop would wait for it otherwise.
        using var ends = either.Token.Register(() => page.Writer.TryComplete());
        try
        {
            yield return "watching";
            await foreach (var line in page.Reader.ReadAllAsync(CancellationToken.None))
                yield return line;
        }
        finally
        {
            _open.TryRemove(page, out _);
        }
    }
}
