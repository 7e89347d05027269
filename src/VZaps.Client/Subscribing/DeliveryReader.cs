using System.Diagnostics.CodeAnalysis;
using VZaps.Client.Telemetry;

namespace VZaps.Client.Subscribing;

/// <summary>Takes events out of the queue for whoever pulls, and their answers.</summary>
/// <remarks>Answers come from any thread; one reads.</remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "The semaphore holds nothing while nobody asks for its wait handle.")]
internal sealed class DeliveryReader(
    EventQueue queue, Settlement settlement, ProcessedEvents processed, HandlersAtWork atWork, Uplink uplink, SubscriptionNames names, CloseSignal closing) : IEventTaker
{
    private readonly SemaphoreSlim _called = new(0);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, EventDelivery> _out = new(StringComparer.Ordinal);
    private bool _isTaking; // touched by the reader alone
    private bool _isLeft;

    public void Call() => _called.Release();

    /// <summary>The next delivery; null when the close has begun.</summary>
    public async ValueTask<EventDelivery?> ReadAsync()
    {
        try
        {
            while (true)
            {
                if (!_isTaking)
                    await _called.WaitAsync(closing.Token).ConfigureAwait(false);
                _isTaking = queue.TryTake(out var taken, out _);
                if (_isTaking && await BeginAsync(taken).ConfigureAwait(false) is { } delivery)
                    return delivery;
            }
        }
        catch (OperationCanceledException) when (closing.IsRaised)
        {
            return null;
        }
    }

    /// <exception cref="VZapsRealtimeException">The stream has ended.</exception>
    public async Task AckAsync(EventDelivery delivery)
    {
        if (!TakeBack(delivery, "acked"))
        {
            // Its time was over and a copy took its place; what was handled was handled all the same, unless its transaction was undone.
            if (delivery.Transaction is null)
                await settlement.AckAsync(delivery.Event).ConfigureAwait(false);
            return;
        }

        try
        {
            await CommitAsync(delivery).ConfigureAwait(false);
        }
        catch
        {
            await EndAsync(delivery.Event, () => settlement.RetryAsync(delivery.Event)).ConfigureAwait(false);
            throw;
        }

        await EndAsync(delivery.Event, () => settlement.AckAsync(delivery.Event)).ConfigureAwait(false);
    }

    /// <inheritdoc cref="AckAsync"/>
    public Task NackAsync(EventDelivery delivery, TimeSpan? delay) => GiveBackAsync(delivery, "nacked", () => settlement.RetryAsync(delivery.Event, delay));

    /// <inheritdoc cref="AckAsync"/>
    public Task RejectAsync(EventDelivery delivery, string reason) => GiveBackAsync(delivery, "rejected", () => settlement.RejectAsync(delivery.Event, reason));

    /// <inheritdoc cref="AckAsync"/>
    public async Task ExtendAsync(EventDelivery delivery)
    {
        lock (_gate)
        {
            if (_isLeft)
                throw Ended(delivery, "extended");
            // A copy has taken its place: the clock is that one's.
            if (!IsOut(delivery))
                return;
            atWork.Begin(delivery.Event.Id);
        }

        if (uplink.Extended is { } connection)
            await uplink.TrySendAsync(connection, WorkingFrame.Write(delivery.Event.Id)).ConfigureAwait(false);
    }

    /// <summary>A delivery whose holder has not answered for longer than it may has probably been forgotten: the copy is given out in its place.</summary>
    public async ValueTask<bool> LetsGoAsync(string id)
    {
        if (!atWork.IsTooLong(id))
            return false;
        EventDelivery? forgotten;
        lock (_gate)
        {
            if (!_out.Remove(id, out forgotten))
                return false;
        }

        await LeaveAsync(forgotten).ConfigureAwait(false);
        return true;
    }

    public Task AbandonAsync() => LeaveAllAsync();

    /// <summary>Whoever pulled has gone: what was not answered is owed.</summary>
    public async Task LeaveAllAsync()
    {
        List<EventDelivery> left;
        lock (_gate)
        {
            _isLeft = true;
            left = [.. _out.Values];
            _out.Clear();
        }

        foreach (var delivery in left)
            await LeaveAsync(delivery).ConfigureAwait(false);
    }

    /// <summary>What becomes of an event that was taken: a delivery; null where it was processed before, or where nothing is given out any more.</summary>
    private async ValueTask<EventDelivery?> BeginAsync(WaitingEvent taken)
    {
        var received = taken.Event;
        settlement.Begin(received);
        var delivery = new EventDelivery(this, new EventContext(received, names.Consumer(), closing.Token));
        try
        {
            if (!taken.Announced.IsCompleted)
                await taken.Announced.WaitAsync(closing.Token).ConfigureAwait(false);
            if (processed.IsOn && !await processed.TryBeginAsync(delivery.Context).ConfigureAwait(false))
            {
                await EndAsync(received, () => settlement.AckAsync(received)).ConfigureAwait(false);
                return null;
            }
        }
        catch (Exception thrown) when (!closing.IsRaised)
        {
            processed.Report(received, thrown);
            await EndAsync(received, () => settlement.RetryAsync(received)).ConfigureAwait(false);
            return null;
        }
        catch
        {
            // It closes meanwhile: the event is owed.
            await LeaveAsync(delivery).ConfigureAwait(false);
            return null;
        }

        lock (_gate)
        {
            if (!_isLeft && !closing.IsRaised)
            {
                _out.Add(received.Id, delivery);
                return delivery;
            }
        }

        await LeaveAsync(delivery).ConfigureAwait(false);
        return null;
    }

    private async Task GiveBackAsync(EventDelivery delivery, string answer, Func<Task> tell)
    {
        // Where a copy has taken its place, it is that one's answer which counts.
        if (!TakeBack(delivery, answer))
            return;
        await UndoAsync(delivery).ConfigureAwait(false);
        await EndAsync(delivery.Event, tell).ConfigureAwait(false);
    }

    private async Task LeaveAsync(EventDelivery delivery)
    {
        await UndoAsync(delivery).ConfigureAwait(false);
        settlement.Leave(delivery.Event);
        await EndAsync(delivery.Event, static () => Task.CompletedTask).ConfigureAwait(false);
    }

    /// <summary>It is not out any more.</summary>
    private async Task EndAsync(VZapsEvent received, Func<Task> tell)
    {
        try
        {
            settlement.End(received);
            await tell().ConfigureAwait(false);
        }
        finally
        {
            queue.Release(null);
        }
    }

    private static async Task CommitAsync(EventDelivery delivery)
    {
        if (delivery.Transaction is not { } transaction)
            return;
        await using (transaction.ConfigureAwait(false))
            await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private async Task UndoAsync(EventDelivery delivery)
    {
        try
        {
            if (delivery.Transaction is { } transaction)
                await transaction.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception thrown)
        {
            // It is given back in any case.
            processed.Report(delivery.Event, thrown);
        }
    }

    /// <summary>Whether it is out, and from now on not any more.</summary>
    private bool TakeBack(EventDelivery delivery, string answer)
    {
        lock (_gate)
        {
            if (_isLeft)
                throw Ended(delivery, answer);
            return IsOut(delivery) && _out.Remove(delivery.Event.Id);
        }
    }

    private bool IsOut(EventDelivery delivery) => _out.TryGetValue(delivery.Event.Id, out var present) && ReferenceEquals(present, delivery);

    private static VZapsRealtimeException Ended(EventDelivery delivery, string answer) =>
        new($"The stream ended before {delivery} was {answer}: it is owed, and comes again.");
}
