using VZaps.Gateway.Log;

namespace VZaps.Gateway.Webhooks;

/// <summary>
/// The attempts of one endpoint at a time. One that lets attempts run into their timeout is given half as many, down to one, so that it does not sit on
/// what all share; each answer, whatever it is, gives one back. For one loop.
/// </summary>
internal sealed class EndpointSlots
{
    private readonly GatewaySlots _gateway;
    private readonly WakeSignal _wake;
    private readonly int _most;
    private readonly Lock _lock = new();
    private int _limit;
    private int _taken;
    private int _shared;
    private bool _isWaiting;

    public EndpointSlots(int most, GatewaySlots gateway, WakeSignal wake)
    {
        (_gateway, _wake) = (gateway, wake);
        _most = _limit = most;
    }

    /// <summary>How many attempts may run now.</summary>
    public int Limit => Volatile.Read(ref _limit);

    /// <summary>How many run.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>Takes a slot; false where there is none, and then the loop is woken when there may be.</summary>
    public bool TryTake()
    {
        lock (_lock)
        {
            if (_taken >= _limit)
            {
                // Its turn goes to the next one: what ends here wakes the loop by itself.
                Forget();
                return false;
            }

            // The first one is the endpoint's own.
            if (_taken > _shared)
            {
                _isWaiting = !_gateway.TryTake(_wake);
                if (_isWaiting)
                    return false;
                _shared++;
            }

            _taken++;
            return true;
        }
    }

    /// <summary>Gives a slot back and wakes the loop.</summary>
    /// <param name="answered">Whether the attempt was answered; null where nothing was attempted.</param>
    public void Give(bool? answered)
    {
        lock (_lock)
        {
            _taken--;
            if (answered is { } wasAnswered)
                _limit = wasAnswered ? Math.Min(_most, _limit + 1) : Math.Max(1, _limit / 2);
            if (_shared > 0)
            {
                _shared--;
                _gateway.Give();
            }
        }

        _wake.Set();
    }

    /// <summary>Has nothing to attempt any more: whoever waits for a shared slot behind it goes on.</summary>
    public void StopWaiting()
    {
        lock (_lock)
            Forget();
    }

    private void Forget()
    {
        if (!_isWaiting)
            return;
        _isWaiting = false;
        _gateway.Forget(_wake);
    }
}
