namespace VZaps.Client.Subscribing;

/// <summary>The state of a subscription, and who waits for which.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class StateRecord(NoticeLoop notices)
{
    private readonly Lock _gate = new();
    private readonly List<(SubscriptionState State, TaskCompletionSource Reached)> _waiting = [];
    private SubscriptionState _current = SubscriptionState.Connecting;
    private VZapsException? _end;

    public SubscriptionState Current
    {
        get
        {
            lock (_gate)
                return _current;
        }
    }

    /// <summary>It changes, unless it is that already or the end has come nearer than that.</summary>
    public void Set(SubscriptionState next, VZapsException? error = null)
    {
        lock (_gate)
        {
            if (next == _current || (_current >= SubscriptionState.Closing && next < _current))
                return;
            notices.StateChanged(new SubscriptionStateChangedEventArgs(_current, next, error));
            _current = next;
            _end ??= next >= SubscriptionState.Closing ? error : null;
            _waiting.RemoveAll(waiting => TryAnswer(waiting.State, waiting.Reached));
        }
    }

    /// <summary>Completes when the state is reached; fails when it cannot be any more.</summary>
    /// <exception cref="VZapsException">The subscription has ended.</exception>
    public Task WaitForAsync(SubscriptionState state, CancellationToken cancellationToken)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (!TryAnswer(state, reached))
                _waiting.Add((state, reached));
        }

        return reached.Task.IsCompleted || !cancellationToken.CanBeCanceled ? reached.Task : WaitAsync(state, reached, cancellationToken);
    }

    private async Task WaitAsync(SubscriptionState state, TaskCompletionSource reached, CancellationToken cancellationToken)
    {
        try
        {
            await reached.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Who waits again and again with a short patience must leave nothing behind.
            lock (_gate)
                _waiting.Remove((state, reached));
        }
    }

    private bool TryAnswer(SubscriptionState asked, TaskCompletionSource reached)
    {
        if (asked == _current)
            return reached.TrySetResult();
        if (_current == SubscriptionState.Closed || (_current == SubscriptionState.Closing && asked < SubscriptionState.Closing))
            return reached.TrySetException(_end ?? new VZapsException($"The subscription is {_current} and will not be {asked} any more."));
        return false;
    }
}
