namespace VZaps.Client.Tests.Faults;

/// <summary>The handlers' side: what was handled, how often and in which order, and what should not have been.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class Handlings(FaultSchedule schedule, bool isParallel)
{
    private readonly Lock _gate = new();
    private readonly int[] _attempts = new int[FaultSchedule.Events + 1];
    private readonly int[] _handled = new int[FaultSchedule.Events + 1];
    private readonly int[] _lastFirst = new int[FaultSchedule.Chats];
    private readonly bool[] _isBusy = new bool[FaultSchedule.Chats];
    private readonly TaskCompletionSource _othersHandled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _slow;

    public List<string> Complaints { get; } = [];

    public bool AllHandled
    {
        get
        {
            lock (_gate)
                return _handled.Skip(1).All(times => times > 0);
        }
    }

    /// <summary>What is left, for a test that waits in vain.</summary>
    public string Missing
    {
        get
        {
            lock (_gate)
                return string.Join(',', Enumerable.Range(1, FaultSchedule.Events).Where(number => _handled[number] == 0));
        }
    }

    public bool IsHandled(int number)
    {
        lock (_gate)
            return _handled[number] > 0;
    }

    public async Task HandleAsync(VZapsEvent received)
    {
        var number = EventPosition.TryParse(received.Id, out var position) ? (int)position.Sequence : 0;
        var chat = schedule.ChatOf[number];
        var attempt = Begin(number, chat);
        try
        {
            await Task.Delay(number % 3 == 0 ? 1 : 0);
            if (attempt == 1 && schedule.FailsFirst.Contains(number))
                throw new InvalidOperationException("the first time");
            // The first event of a chat is slow: it is with its handler until all other chats are done. If one of their events waited for it, all would wait for ever.
            if (isParallel && Volatile.Read(ref _slow) == number)
                await _othersHandled.Task;
        }
        finally
        {
            lock (_gate)
                _isBusy[chat] = false;
        }

        Finish(number);
    }

    private int Begin(int number, int chat)
    {
        lock (_gate)
        {
            if (_isBusy[chat])
                Complaints.Add($"{number} began while another of its chat was being handled");
            _isBusy[chat] = true;
            if (++_attempts[number] > 1)
                return _attempts[number];
            if (number < _lastFirst[chat])
                Complaints.Add($"{number} began first after {_lastFirst[chat]} of the same chat");
            _lastFirst[chat] = number;
            if (_slow == 0 && !schedule.FailsFirst.Contains(number))
                _slow = number;
            return 1;
        }
    }

    private void Finish(int number)
    {
        lock (_gate)
        {
            // The subscription knows what it handled: what was in flight at a cut comes again and goes to no handler.
            if (++_handled[number] > 1)
                Complaints.Add($"{number} was handled {_handled[number]} times");
            var slowChat = schedule.ChatOf[_slow];
            if (Enumerable.Range(1, FaultSchedule.Events).All(other => _handled[other] > 0 || schedule.ChatOf[other] == slowChat))
                _othersHandled.TrySetResult();
        }
    }
}
