using System.Diagnostics.CodeAnalysis;

namespace VZaps.Gateway.Ingest;

/// <summary>
/// Turns to read bodies: so many at a time, and of these no more of one key (an instance, a source) than its share, so that one whose bodies come slowly leaves
/// turns to the others. Who waits for its key's share holds no turn; and keys get one in turn, however many wait of one. Thread-safe.
/// </summary>
/// <param name="total">Turns of all keys.</param>
/// <param name="perKey">Turns of one key.</param>
/// <param name="patience">How long somebody waits for one.</param>
/// <param name="time">By which that is measured.</param>
internal sealed class BodyTurns<TKey>(int total, int perKey, TimeSpan patience, TimeProvider time)
    where TKey : notnull
{
    private readonly Lock _gate = new();

    // Those that have a turn or wait for one, and no others: as many as requests at most.
    private readonly Dictionary<TKey, Share> _shares = [];

    // Those of them that may have one more, and wait for it, in the order in which they get it. Empty while a turn is free.
    private readonly LinkedList<Share> _next = new();
    private int _free = total;

    /// <summary>Keys of which something is held: those that have a turn or wait for one.</summary>
    public int KeyCount
    {
        get
        {
            lock (_gate)
                return _shares.Count;
        }
    }

    /// <summary>Waits for a turn.</summary>
    /// <param name="key">Whose it is.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Dispose it to give the turn back; null where none came in time.</returns>
    public async Task<IDisposable?> TakeAsync(TKey key, CancellationToken cancellationToken)
    {
        if (!TryTake(key, out var turn))
            return null;
        try
        {
            await turn.Given.WaitAsync(patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return Leave(turn) ? null : turn;
        }
        catch (OperationCanceledException)
        {
            if (!Leave(turn))
                turn.Dispose();
            throw;
        }

        return turn;
    }

    /// <summary>A turn, given at once or waited for; none where it would have to be waited for and nobody waits.</summary>
    private bool TryTake(TKey key, [NotNullWhen(true)] out Turn? turn)
    {
        lock (_gate)
        {
            if (!_shares.TryGetValue(key, out var share))
                _shares[key] = share = new Share(key);
            turn = new Turn(this, share);
            if (_free > 0 && share.Held < perKey)
            {
                Give(turn);
                return true;
            }

            if (patience == TimeSpan.Zero)
            {
                Forget(share);
                turn = null;
                return false;
            }

            turn.Place = share.Waiting.AddLast(turn);
            Line(share);
            return true;
        }
    }

    /// <summary>Waits no longer; false where the turn was given in this moment.</summary>
    private bool Leave(Turn turn)
    {
        lock (_gate)
        {
            if (turn.Place is not { } place)
                return false;
            var share = turn.Share;
            share.Waiting.Remove(place);
            if (share.Waiting.Count == 0 && share.Place is { } line)
            {
                _next.Remove(line);
                share.Place = null;
            }

            Forget(share);
            return true;
        }
    }

    private void GiveBack(Share share)
    {
        lock (_gate)
        {
            _free++;
            share.Held--;
            Line(share);
            while (_free > 0 && _next.First is { } first)
            {
                _next.RemoveFirst();
                var next = first.Value;
                next.Place = null;
                var turn = next.Waiting.First!.Value;
                next.Waiting.RemoveFirst();
                turn.Place = null;
                Give(turn);
                Line(next);
            }

            Forget(share);
        }
    }

    private void Give(Turn turn)
    {
        _free--;
        turn.Share.Held++;
        turn.Give();
    }

    /// <summary>Puts a key into the line, behind the others, if it waits and may have one more.</summary>
    private void Line(Share share)
    {
        if (share.Place is null && share.Waiting.Count > 0 && share.Held < perKey)
            share.Place = _next.AddLast(share);
    }

    private void Forget(Share share)
    {
        if (share.Held == 0 && share.Waiting.Count == 0)
            _shares.Remove(share.Key);
    }

    private sealed class Share(TKey key)
    {
        public TKey Key { get; } = key;

        public int Held { get; set; }

        public LinkedList<Turn> Waiting { get; } = new();

        /// <summary>Its place in the line; null while it is not in it.</summary>
        public LinkedListNode<Share>? Place { get; set; }
    }

    private sealed class Turn(BodyTurns<TKey> turns, Share share) : IDisposable
    {
        private readonly TaskCompletionSource _given = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _isBack;

        public Share Share { get; } = share;

        public Task Given => _given.Task;

        /// <summary>Its place among those that wait; null while it does not.</summary>
        public LinkedListNode<Turn>? Place { get; set; }

        public void Give() => _given.SetResult();

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isBack, 1) == 0)
                turns.GiveBack(Share);
        }
    }
}
