namespace VZaps.Client.Subscribing;

/// <summary>
/// The bounded queue between reading and handling. It says who may take an event and when: nobody before it is opened, none while it is
/// held, none after it is closed; and it knows how many are out.
/// </summary>
/// <remarks>
/// Thread-safe. There is no loop that waits: when there is something to take and fewer than the most takers are at work, another is called; one that finds
/// nothing has left by that.
/// </remarks>
internal sealed class EventQueue(int capacity, int maxTakers, IEventOrder order)
{
    /// <summary>Events that may gather before a taker is called for them.</summary>
    public const int MaxGathered = 16;

    private readonly Lock _gate = new();
    private readonly int _refillAt = order.RefillAt(capacity);
    private Action _callTaker = static () => { };
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _idle;
    private int _takers;
    private int _out;
    private int _gathered; // since takers were called
    private bool _isOpen;
    private bool _isHeld;
    private bool _isClosed;

    /// <summary>How takers are called, one with each call; they must not run on the caller's stack.</summary>
    public void CallTakersBy(Action callTaker) => _callTaker = callTaker;

    /// <summary>Adds an event, when there is room, and calls a taker for it.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled before there was.</exception>
    public ValueTask AddAsync(WaitingEvent waiting, string key, CancellationToken cancellationToken)
    {
        var adding = GatherAsync(waiting, key, cancellationToken);
        CallTakers();
        return adding;
    }

    /// <summary>
    /// Adds an event, when there is room; a taker is called when some have gathered, and else by <see cref="CallTakers"/>, which whoever adds must call before it waits for anything. Calling one
    /// costs more than reading an event, and he would be done before the next one is read.
    /// </summary>
    /// <inheritdoc cref="AddAsync"/>
    public ValueTask GatherAsync(WaitingEvent waiting, string key, CancellationToken cancellationToken) =>
        TryAdd(waiting, key, out var room) ? ValueTask.CompletedTask : AddLaterAsync(waiting, key, room!, cancellationToken);

    /// <summary>Calls takers for what has gathered.</summary>
    public void CallTakers()
    {
        if (Volatile.Read(ref _gathered) > 0)
            Change(static () => { });
    }

    /// <summary>Takes the next event; false where there is none, and then this taker has left.</summary>
    /// <param name="taken">The event.</param>
    /// <param name="line">For <see cref="Release"/>.</param>
    public bool TryTake(out WaitingEvent taken, out object? line)
    {
        TaskCompletionSource? room = null;
        lock (_gate)
        {
            if (!MayTake || !order.TryTake(out taken, out line))
            {
                _takers--;
                (taken, line) = (default, null);
                return false;
            }

            _out++;
            if (_room is not null && order.Count <= _refillAt)
                (room, _room) = (_room, null);
        }

        room?.SetResult();
        return true;
    }

    /// <summary>An event that was taken is done with. What may follow it now is left to whoever took it, who looks for the next one.</summary>
    public void Release(object? line)
    {
        TaskCompletionSource? idle = null;
        lock (_gate)
        {
            order.Release(line);
            if (--_out == 0)
                (idle, _idle) = (_idle, null);
        }

        idle?.SetResult();
    }

    /// <summary>Events may be taken from now on.</summary>
    public void Open() => Change(() => _isOpen = true);

    /// <summary>No further one may be taken until <see cref="Resume"/>.</summary>
    public void Hold() => Change(() => _isHeld = true);

    public void Resume() => Change(() => _isHeld = false);

    /// <summary>No further one may be taken, ever.</summary>
    public void Close() => Change(() => _isClosed = true);

    /// <summary>Completes when no event is out, for a moment at least; after a hold or a close, for as long as that lasts.</summary>
    public Task WhenIdle()
    {
        lock (_gate)
        {
            if (_out == 0)
                return Task.CompletedTask;
            return (_idle ??= NewSource()).Task;
        }
    }

    private bool MayTake => _isOpen && !_isHeld && !_isClosed;

    private bool TryAdd(WaitingEvent waiting, string key, out Task? room)
    {
        bool areMany;
        lock (_gate)
        {
            if (order.Count >= capacity)
            {
                room = (_room ??= NewSource()).Task;
                return false;
            }

            room = null;
            order.Add(waiting, key);
            areMany = ++_gathered >= MaxGathered;
        }

        if (areMany)
            CallTakers();
        return true;
    }

    private async ValueTask AddLaterAsync(WaitingEvent waiting, string key, Task room, CancellationToken cancellationToken)
    {
        do
        {
            CallTakers();
            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        while (!TryAdd(waiting, key, out room!));
    }

    private void Change(Action change)
    {
        var wanted = 0;
        lock (_gate)
        {
            change();
            _gathered = 0;
            // As many as find something and as there is room for, at most: one that finds nothing leaves again.
            while (wanted < order.ReadyCount && IsTakerWanted())
                wanted++;
        }

        for (; wanted > 0; wanted--)
            _callTaker();
    }

    /// <summary>Whether another taker is to be called; it counts from then on. Called under the lock.</summary>
    private bool IsTakerWanted()
    {
        if (_takers >= maxTakers || !order.HasReady || !MayTake)
            return false;
        _takers++;
        return true;
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
