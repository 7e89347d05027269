using Microsoft.Extensions.Options;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Media;

/// <summary>Requests that wait for a file that is being fetched. Thread-safe.</summary>
internal sealed class MediaWaiters(IOptions<MediaOptions> options, DrainState draining, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<MediaId, Change> _changes = [];
    private int _waiting;

    /// <summary>How many wait now.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _waiting;
        }
    }

    /// <summary>Waits while a file is pending; at most so long, not at all where too many wait already, and no longer when the gateway stops.</summary>
    /// <param name="id">The file.</param>
    /// <param name="read">Reads its row.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its row as it is then; null where it is gone.</returns>
    public async Task<MediaRow?> WaitAsync(MediaId id, Func<Task<MediaRow?>> read, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, draining.Token);
        while (true)
        {
            if (Enter(id) is not { } change)
                return await read();
            try
            {
                // Read behind the entry, so that no change is missed.
                var row = await read();
                var left = options.Value.WaitFor - time.GetElapsedTime(began);
                if (row is not { Status: MediaStatus.Pending } || left <= TimeSpan.Zero)
                    return row;
                await change.Happened.WaitAsync(left, time, either.Token);
            }
            catch (Exception ended) when (ended is TimeoutException || (ended is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                return await read();
            }
            finally
            {
                Leave(id, change);
            }
        }
    }

    /// <summary>A file's row has changed.</summary>
    public void Changed(MediaId id)
    {
        lock (_gate)
        {
            if (_changes.Remove(id, out var change))
                change.Happen();
        }
    }

    private Change? Enter(MediaId id)
    {
        lock (_gate)
        {
            if (_waiting >= options.Value.MaxWaiting)
                return null;
            _waiting++;
            if (!_changes.TryGetValue(id, out var change))
                _changes[id] = change = new Change();
            change.Waiting++;
            return change;
        }
    }

    private void Leave(MediaId id, Change change)
    {
        lock (_gate)
        {
            _waiting--;
            if (--change.Waiting == 0 && _changes.TryGetValue(id, out var current) && current == change)
                _changes.Remove(id);
        }
    }

    private sealed class Change
    {
        private readonly TaskCompletionSource _happened = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Waiting { get; set; }

        public Task Happened => _happened.Task;

        public void Happen() => _happened.TrySetResult();
    }
}
