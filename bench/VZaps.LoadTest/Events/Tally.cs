using System.Collections;

namespace VZaps.LoadTest.Events;

/// <summary>What one subscription has received of the numbers from 0 on: each once, or else it says so.</summary>
internal class Tally(int capacity) : IEventTaker
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(3);
    private readonly BitArray _seen = new(capacity);
    private readonly Lock _gate = new();
    private TaskCompletionSource? _waiter;
    private Exception? _failure;
    private int _awaited = int.MaxValue;
    private int _count;

    /// <summary>Different events so far.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Events that came a second time.</summary>
    public int Doubled { get; private set; }

    public virtual void Take(int number)
    {
        if (_seen[number])
        {
            Doubled++;
            return;
        }

        _seen[number] = true;
        if (Interlocked.Increment(ref _count) >= Volatile.Read(ref _awaited))
            Release(failure: null);
    }

    public void Fail(Exception failure) => Release(failure);

    /// <summary>Completes when so many different events have come.</summary>
    /// <exception cref="TimeoutException">They did not come: some are lost.</exception>
    public async Task WaitForAsync(int count)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_failure is not null)
                throw _failure;
            _waiter = waiter;
            Volatile.Write(ref _awaited, count);
        }

        Interlocked.MemoryBarrier();
        if (Count >= count)
            Release(failure: null);
        try
        {
            await waiter.Task.WaitAsync(LongestWait);
        }
        catch (TimeoutException timeout)
        {
            throw new TimeoutException($"Only {Count:N0} of {count:N0} events arrived within {LongestWait.TotalMinutes:0} minutes.", timeout);
        }
    }

    private void Release(Exception? failure)
    {
        lock (_gate)
        {
            _failure ??= failure;
            Volatile.Write(ref _awaited, int.MaxValue);
            if (_failure is not null)
                _waiter?.TrySetException(_failure);
            else
                _waiter?.TrySetResult();
            _waiter = null;
        }
    }
}
