using VZaps.Gateway.Delivery;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Realtime;

/// <summary>
/// The sending loop of one connection: pulls from the log as far as the window allows, and writes; what is due again goes
/// first. A slow reader slows only itself.
/// </summary>
internal sealed class EventSender(
    EventReader reader,
    ConnectionStart start,
    DeliveryAccount account,
    Redelivery redelivery,
    IEventFrames frames,
    ControlFrames control,
    WakeSignal wake,
    CloseRequest close,
    DeliveryMetrics metrics,
    TimeProvider time)
{
    private const int MaxPageEvents = 256;
    private const int MaxPageBytes = 256 * 1024;

    /// <summary>Told of events that retention removed before this connection could read them: the last sequence before
    /// them, and the oldest that is retained.</summary>
    public required Action<long, long> OnGap { get; init; }

    /// <summary>Told when something is out that may be due one day.</summary>
    public required Action OnSent { get; init; }

    /// <summary>Sends until a close is asked for.</summary>
    /// <exception cref="PeerGoneException">The peer is gone.</exception>
    /// <exception cref="OperationCanceledException">What was being written took longer than the grace of a close.</exception>
    public async Task RunAsync()
    {
        while (close.Reason is null)
        {
            await control.SendWaitingAsync(close.Aborted);
            var isMore = await SendWhatIsReadyAsync();
            if (account.Open > 0)
                OnSent();
            if (!isMore)
                await wake.WaitAsync();
        }
    }

    /// <returns>Whether there may be more to send at once.</returns>
    private async ValueTask<bool> SendWhatIsReadyAsync()
    {
        var isMore = await redelivery.SendAsync(frames, close.Aborted);
        var page = await ReadNextAsync();
        isMore |= page is { } next && await SendNextAsync(next);
        await frames.FlushAsync(close.Aborted);
        // Not before the flush: a frame may still be where the log read it. After a failure the garbage collector takes it: what is
        // being written may still be read from it.
        page?.Memory?.Return();
        return isMore;
    }

    /// <returns>What comes next; null while there is no room for it.</returns>
    private async ValueTask<LogPage?> ReadNextAsync()
    {
        var room = account.TakeRoom();
        if (room == 0)
            return null;
        var limits = new LogPageLimits(Math.Min(room, MaxPageEvents), MaxPageBytes);
        return await reader.ReadAsync(account.ReadThrough, start.Types, limits, close.Aborted);
    }

    /// <returns>Whether there may be more to send at once.</returns>
    private async ValueTask<bool> SendNextAsync(LogPage page)
    {
        if (page.ReadAfter > account.ReadThrough)
            OnGap(account.ReadThrough, page.ReadAfter + 1);
        if (!await SendAsync(page))
            return false;
        account.Consumer?.Pass(start.Types, page.ReadThrough);
        account.ReadThrough = start.NextToRead(page.ReadThrough);
        await redelivery.AbandonExcessAsync();
        return !page.ReachedEnd;
    }

    /// <returns>Whether all of the page was sent.</returns>
    private async ValueTask<bool> SendAsync(LogPage page)
    {
        var sent = 0;
        foreach (var envelope in page.Envelopes)
        {
            if (close.Reason is not null)
                return false;
            var sequence = envelope.Position.Sequence;
            if (!start.IsAllNewAfter(sequence - 1) && !start.Includes(sequence, envelope.TypeIndex))
                continue;
            // Before the write: a crash or a cut in the middle of it must find the event owed.
            account.OpenNext(sequence, envelope.TypeIndex);
            await frames.WriteAsync(envelope.Utf8, delivery: 1, close.Aborted);
            sent++;
        }

        if (sent > 0)
        {
            metrics.Delivered(sent);
            metrics.Latency(time.GetUtcNow() - page.Envelopes[^1].Position.AppendedAt);
        }

        return true;
    }
}
