using VZaps.Gateway.Log;

namespace VZaps.Gateway.Webhooks;

/// <summary>
/// The attempts that all endpoints share. The first attempt of an endpoint is not of these, so no endpoint waits for another one; for the rest
/// those who wait take turns. Thread-safe.
/// </summary>
internal sealed class GatewaySlots
{
    private readonly Lock _lock = new();
    private readonly Queue<WakeSignal> _waiting = new();
    private readonly int _count;
    private int _free;

    public GatewaySlots(int count) => _count = _free = count;

    /// <summary>How many are taken.</summary>
    public int Taken => _count - Volatile.Read(ref _free);

    /// <summary>Takes one; false where there is none, or others wait: then the signal is set when it is its turn.</summary>
    public bool TryTake(WakeSignal waiter)
    {
        lock (_lock)
        {
            if (_free > 0 && (_waiting.Count == 0 || _waiting.Peek() == waiter))
            {
                _free--;
                if (_waiting.Count > 0)
                    _waiting.Dequeue();
                return true;
            }

            if (!_waiting.Contains(waiter))
                _waiting.Enqueue(waiter);
            return false;
        }
    }

    /// <summary>Gives one back.</summary>
    public void Give()
    {
        WakeSignal? next;
        lock (_lock)
        {
            _free++;
            _waiting.TryPeek(out next);
        }

        next?.Set();
    }

    /// <summary>Waits no longer, and lets the next one have its turn.</summary>
    public void Forget(WakeSignal waiter)
    {
        WakeSignal? next = null;
        lock (_lock)
        {
            if (!_waiting.Contains(waiter))
                return;
            var others = _waiting.Where(other => other != waiter).ToArray();
            _waiting.Clear();
            foreach (var other in others)
                _waiting.Enqueue(other);
            if (_free > 0)
                _waiting.TryPeek(out next);
        }

        next?.Set();
    }
}
