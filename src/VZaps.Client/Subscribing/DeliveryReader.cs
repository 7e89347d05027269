using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using VZaps.Client.Telemetry;

namespace VZaps.Client.Subscribing;

/// <summary>Takes events out of the queue for whoever pulls, and their answers.</summary>
/// <param name="owner">In whose name the user's store is called, see <see cref="HandlerScope"/>.</param>
/// <param name="parts">What it needs of its subscription.</param>
/// <remarks>Answers come from any thread; one reads.</remarks>
[SuppressMessage("Reliability", "CA1001", Justification = "The semaphore holds nothing while nobody asks for its wait handle.")]
internal sealed class DeliveryReader(object owner, TakerParts parts) : IEventTaker
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
                    await _called.WaitAsync(parts.Closing.Token).ConfigureAwait(false);
                _isTaking = parts.Queue.TryTake(out var taken, out _);
                if (_isTaking && await BeginAsync(taken).ConfigureAwait(false) is { } delivery)
                    return delivery;
            }
        }
        catch (OperationCanceledException) when (parts.Closing.IsRaised)
        {
            return null;
        }
    }

    /// <exception cref="VZapsRealtimeException">The stream has ended, or a copy has taken its place and its transaction was undone.</exception>
    public async Task AckAsync(EventDelivery delivery)
    {
        if (!TakeBack(delivery, "acked"))
        {
            // Its time was over and a copy took its place; what was handled was handled all the same, unless its transaction was undone.
            if (delivery.Transaction is not null)
                throw Replaced(delivery);
            await parts.Settlement.AckAsync(delivery.Event).ConfigureAwait(false);
            return;
        }

        try
        {
            await CommitAsync(delivery).ConfigureAwait(false);
        }
        catch (Exception thrown)
        {
            delivery.Span.Fail(thrown);
            End(delivery, ClientTelemetry.Failed);
            await ReleaseAfterAsync(parts.Settlement.RetryAsync(delivery.Event)).ConfigureAwait(false);
            throw;
        }

        End(delivery, ClientTelemetry.Handled);
        await ReleaseAfterAsync(parts.Settlement.AckAsync(delivery.Event)).ConfigureAwait(false);
    }

    /// <inheritdoc cref="EventDelivery.NackAsync"/>
    public async Task NackAsync(EventDelivery delivery, TimeSpan? delay)
    {
        if (await TryGiveBackAsync(delivery, "nacked").ConfigureAwait(false))
            await ReleaseAfterAsync(parts.Settlement.RetryAsync(delivery.Event, delay)).ConfigureAwait(false);
    }

    /// <inheritdoc cref="EventDelivery.RejectAsync"/>
    public async Task RejectAsync(EventDelivery delivery, string reason)
    {
        if (await TryGiveBackAsync(delivery, "rejected").ConfigureAwait(false))
            await ReleaseAfterAsync(parts.Settlement.RejectAsync(delivery.Event, reason)).ConfigureAwait(false);
    }

    /// <inheritdoc cref="EventDelivery.ExtendAsync"/>
    public async Task ExtendAsync(EventDelivery delivery)
    {
        lock (_gate)
        {
            if (_isLeft)
                throw Ended(delivery, "extended");
            // A copy has taken its place: the clock is that one's.
            if (!IsOut(delivery))
                return;
            parts.AtWork.Begin(delivery.Event.Id);
        }

        if (parts.Uplink.Extended is { } connection)
            await parts.Uplink.TrySendAsync(connection, WorkingFrame.Write(delivery.Event.Id)).ConfigureAwait(false);
    }

    /// <summary>A delivery whose holder has not answered for longer than it may has probably been forgotten: the copy is given out in its place.</summary>
    public bool LetsGo(string id)
    {
        if (!parts.AtWork.IsTooLong(id))
            return false;
        EventDelivery? forgotten;
        lock (_gate)
        {
            if (!_out.Remove(id, out forgotten))
                return false;
        }

        Leave(forgotten);
        return true;
    }

    public Task AbandonAsync()
    {
        LeaveAll();
        return Task.CompletedTask;
    }

    /// <summary>Whoever pulled has gone: what was not answered is owed. The queue knows while transactions are being undone.</summary>
    public void LeaveAll()
    {
        List<EventDelivery> left;
        lock (_gate)
        {
            _isLeft = true;
            left = [.. _out.Values];
            _out.Clear();
        }

        left.ForEach(Leave);
    }

    /// <summary>What becomes of an event that was taken: a delivery; null where it was processed before, or where nothing is given out any more.</summary>
    private async ValueTask<EventDelivery?> BeginAsync(WaitingEvent taken)
    {
        var received = taken.Event;
        parts.Settlement.Begin(received);
        var consumer = parts.Names.Consumer();
        var delivery = new EventDelivery(this, received, consumer, parts.Processed.IsOn ? new EventContext(received, consumer, parts.Closing.Token) : null);
        try
        {
            if (!taken.Announced.IsCompleted)
                await taken.Announced.WaitAsync(parts.Closing.Token).ConfigureAwait(false);
            delivery.Span = ClientTelemetry.StartProcessing(received, parts.Names, taken.Received?.Context ?? default);
            if (delivery.Context is { } context && !await TryBeginAsync(context).ConfigureAwait(false))
            {
                End(delivery, counter: null);
                await ReleaseAfterAsync(parts.Settlement.AckAsync(received)).ConfigureAwait(false);
                return null;
            }
        }
        catch (Exception thrown) when (!parts.Closing.IsRaised)
        {
            parts.Processed.Report(received, thrown);
            delivery.Span.Fail(thrown);
            End(delivery, ClientTelemetry.Failed);
            await ReleaseAfterAsync(parts.Settlement.RetryAsync(received)).ConfigureAwait(false);
            return null;
        }
        catch
        {
            // It closes meanwhile: the event is owed.
            Leave(delivery);
            return null;
        }

        lock (_gate)
        {
            if (!_isLeft && !parts.Closing.IsRaised)
            {
                _out.Add(received.Id, delivery);
                return delivery;
            }
        }

        Leave(delivery);
        return null;
    }

    private async ValueTask<bool> TryBeginAsync(EventContext context)
    {
        using var scope = HandlerScope.Enter(owner);
        return await parts.Processed.TryBeginAsync(context).ConfigureAwait(false);
    }

    /// <summary>Gives it back, with what was done in its transaction.</summary>
    /// <returns>False where a copy has taken its place: it is that one's answer which counts.</returns>
    private async ValueTask<bool> TryGiveBackAsync(EventDelivery delivery, string answer)
    {
        if (!TakeBack(delivery, answer))
            return false;
        delivery.Span.Fail(answer);
        await UndoAsync(delivery).ConfigureAwait(false);
        End(delivery, ClientTelemetry.Failed);
        return true;
    }

    /// <summary>Nobody answers for it any more. Its transaction is the user's code, which may take its time: it is undone beside.</summary>
    private void Leave(EventDelivery delivery)
    {
        parts.Settlement.Leave(delivery.Event);
        delivery.Span.Fail("unanswered");
        End(delivery, counter: null);
        if (delivery.Context is null)
            parts.Queue.Release(null);
        else
            _ = Task.Run(() => UndoAndReleaseAsync(delivery));
    }

    private async Task UndoAndReleaseAsync(EventDelivery delivery)
    {
        await UndoAsync(delivery).ConfigureAwait(false);
        parts.Queue.Release(null);
    }

    /// <summary>It is not out any more: nothing is said for it but its answer.</summary>
    private void End(EventDelivery delivery, SafeCounter? counter)
    {
        parts.Settlement.End(delivery.Event);
        delivery.Span.Dispose();
        counter?.Add(1);
    }

    /// <summary>Its place is free when its answer was told.</summary>
    private async Task ReleaseAfterAsync(Task told)
    {
        try
        {
            await told.ConfigureAwait(false);
        }
        finally
        {
            parts.Queue.Release(null);
        }
    }

    private Task CommitAsync(EventDelivery delivery) => delivery.Context is { } context ? CommitAsync(context) : Task.CompletedTask;

    private async Task CommitAsync(EventContext context)
    {
        using var scope = HandlerScope.Enter(owner);
        var transaction = context.Transaction!;
        await using (transaction.ConfigureAwait(false))
        {
            // What was shared ends first, as with handlers: where it cannot, what it was to save is not known to be saved.
            if (await context.EndAsync().ConfigureAwait(false) is { } fault)
                ExceptionDispatchInfo.Throw(fault);
            await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task UndoAsync(EventDelivery delivery)
    {
        if (delivery.Context is not { } context)
            return;
        using var scope = HandlerScope.Enter(owner);
        try
        {
            if (await context.EndAsync().ConfigureAwait(false) is { } fault)
                parts.Processed.Report(delivery.Event, fault);
            if (context.Transaction is { } transaction)
                await transaction.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception thrown)
        {
            // It is given back in any case.
            parts.Processed.Report(delivery.Event, thrown);
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

    private static VZapsRealtimeException Replaced(EventDelivery delivery) => new(
        $"{delivery} was not acked: it was out for longer than MaxHandlerTime, so a copy of it was given out, and the transaction of this delivery was undone. "
        + "Answer sooner, or call ExtendAsync before that time is over.");
}
