using System.Collections.Immutable;

namespace VZaps.Client.Subscribing;

/// <summary>Calls the handlers of an event, one after the other in the order of registration. All of them get it, also after one has thrown.</summary>
/// <param name="handlers">Those that there are as the round begins: one that is added meanwhile gets the next event.</param>
internal readonly struct HandlerRound(ImmutableArray<HandlerTable.Registration> handlers)
{
    /// <summary>Whether a handler that takes contexts is to be called: only then one has to be made.</summary>
    public bool NeedsContext(EventType type)
    {
        foreach (var handler in handlers)
        {
            if (handler.OfContext is not null && handler.Takes(type))
                return true;
        }

        return false;
    }

    /// <summary>Calls those that match.</summary>
    /// <param name="received">The event.</param>
    /// <param name="context">The same with its context; null where no handler needs it.</param>
    /// <param name="only">Which of them: those that failed before; null for all.</param>
    /// <param name="cancellationToken">For those that take it.</param>
    /// <returns>How many were called, and which threw what; null where none did.</returns>
    public async ValueTask<(int? Called, List<FailedHandler>? Failed)> CallAsync(
        VZapsEvent received, EventContext? context, List<FailedHandler>? only, CancellationToken cancellationToken)
    {
        var called = 0;
        List<FailedHandler>? failed = null;
        foreach (var handler in handlers)
        {
            if (!IsCalled(handler, received, only))
                continue;
            called++;
            if (await TryCallAsync(handler, received, context, cancellationToken).ConfigureAwait(false) is { } thrown)
                (failed ??= []).Add(new FailedHandler(handler, thrown));
        }

        // What they shared may only save what they did as it is disposed: where that throws, nobody's work is known to be done.
        if (context is not null && await context.EndAsync().ConfigureAwait(false) is { } fault)
            failed = FailAll(received, only, failed, fault);
        return (called, failed);
    }

    private static bool IsCalled(HandlerTable.Registration handler, VZapsEvent received, List<FailedHandler>? only) =>
        handler.Takes(received.Type) && (only is null || HasFailed(handler, only));

    // No lambda: what it captures would be an object for each call of each handler, whether or not one had failed.
    private static bool HasFailed(HandlerTable.Registration handler, List<FailedHandler> failed)
    {
        foreach (var one in failed)
        {
            if (one.Handler == handler)
                return true;
        }

        return false;
    }

    private List<FailedHandler>? FailAll(VZapsEvent received, List<FailedHandler>? only, List<FailedHandler>? failed, Exception fault)
    {
        foreach (var handler in handlers)
        {
            if (IsCalled(handler, received, only) && (failed is null || !HasFailed(handler, failed)))
                (failed ??= []).Add(new FailedHandler(handler, fault));
        }

        return failed;
    }

    private static async ValueTask<Exception?> TryCallAsync(
        HandlerTable.Registration handler, VZapsEvent received, EventContext? context, CancellationToken cancellationToken)
    {
        try
        {
            await (handler.OfEvent is { } ofEvent ? ofEvent(received, cancellationToken) : handler.OfContext!(context!)).ConfigureAwait(false);
            return null;
        }
        catch (Exception thrown)
        {
            // Whatever it is, the next event has nothing to do with it.
            return thrown;
        }
    }
}

/// <summary>A handler that threw.</summary>
internal readonly record struct FailedHandler(HandlerTable.Registration Handler, Exception Thrown)
{
    public bool IsRejection => Thrown is RejectEventException;

    /// <summary>Whether another call can only end in the same way: it rejected, or the payload does not fit.</summary>
    public bool IsHopeless => Thrown is RejectEventException or VZapsPayloadException;
}
