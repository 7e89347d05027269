using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using VZaps.Client.Configuration;
using VZaps.Client.Realtime;
using VZaps.Client.Telemetry;

namespace VZaps.Client.Subscribing;

/// <summary>Keeps one connection open: connects, resumes, waits between tries, and decides when there is no point in another.</summary>
internal sealed partial class ConnectionLoop(
    EventSubscribeRequest request, SubscriptionTarget target, ClientSettings settings, RealtimeConnector connector, HandledMark mark,
    ReceiveLoop receive, DispatchLoop dispatch, AckOutbox acks, NoticeLoop notices, CloseSignal closing, ILogger logger)
{
    /// <summary>A connection that was up for so long has not failed at once, even if it brought nothing.</summary>
    public static TimeSpan StableAfter { get; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the server may take to answer our close frame.</summary>
    private static readonly TimeSpan CloseAnswerTimeout = TimeSpan.FromSeconds(5);

    private readonly ReconnectBackoff _backoff = new(request.RetryDelay, Random.Shared);
    private readonly TaskCompletionSource _firstOpen = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task FirstOpen => _firstOpen.Task;

    /// <summary>Runs until the close, or until there is no point in another try.</summary>
    /// <returns>Null after the close; else the reason.</returns>
    public async Task<VZapsException?> RunAsync()
    {
        VZapsException? end = null;
        try
        {
            while (!closing.IsRaised)
            {
                var failure = await ConnectAndReadAsync().ConfigureAwait(false);
                if (failure is null || (closing.IsRaised && RetryTable.IsTransient(failure)))
                    break;
                if (!MayRetry(failure, out end))
                    break;
                await WaitForNextTryAsync(failure).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (closing.IsRaised)
        {
            // The close came while we connected or waited.
        }
        finally
        {
            _firstOpen.TrySetException(end ?? new VZapsException("The subscription was closed before it was open."));
            _ = _firstOpen.Task.Exception; // nobody has to look at it
        }

        return end;
    }

    /// <summary>One connection, from the handshake to its end.</summary>
    /// <returns>Why it failed or ended; null where we closed it.</returns>
    private async Task<VZapsException?> ConnectAndReadAsync()
    {
        RealtimeConnection connection;
        try
        {
            var cursor = mark.Cursor(out var released);
            if (released > 0)
                LogReleased(logger, released, HandledMark.LongestHold);
            connection = await connector.ConnectAsync(target, cursor, closing.Token).ConfigureAwait(false);
        }
        catch (VZapsException failure)
        {
            return failure;
        }

        using (connection)
            return await ReadToEndAsync(connection).ConfigureAwait(false);
    }

    private async Task<VZapsException?> ReadToEndAsync(RealtimeConnection connection)
    {
        var openedAt = settings.Time.GetTimestamp();
        LogOpen(logger, target.InstanceId, target.Consumer ?? settings.Realtime.ConsumerInPath ?? ConsumerName.Default);
        var announced = notices.Opened();
        _firstOpen.TrySetResult();
        var acking = acks.AttachAsync(connection);
        var reading = receive.RunAsync(connection, announced);
        await Task.WhenAny(reading, closing.Raised).ConfigureAwait(false);

        var closedByUs = closing.IsRaised && !reading.IsCompleted;
        if (closedByUs)
        {
            await dispatch.StopAsync().ConfigureAwait(false);
            await CloseAsync(connection, reading).ConfigureAwait(false);
        }

        var end = await reading.ConfigureAwait(false);
        acks.Detach();
        connection.Abort(); // a send that a deaf server holds up ends here
        await acking.ConfigureAwait(false);
        if (receive.BroughtEvent || settings.Time.GetElapsedTime(openedAt) >= StableAfter)
            _backoff.Reset();
        Announce(end, closedByUs || closing.IsRaised);
        return closedByUs ? null : end;
    }

    /// <summary>Our close frame, and then the server's, as <paramref name="reading"/> sees it; a server that does not answer is cut off.</summary>
    private async Task CloseAsync(RealtimeConnection connection, Task reading)
    {
        using var limit = new CancellationTokenSource(CloseAnswerTimeout, settings.Time);
        try
        {
            await connection.SendCloseAsync(limit.Token).ConfigureAwait(false);
            await reading.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is WebSocketException or ObjectDisposedException or IOException or OperationCanceledException)
        {
            connection.Abort();
        }
    }

    private void Announce(VZapsRealtimeException end, bool closedByUs) => notices.Closed(closedByUs
        ? new ConnectionClosed { CloseCode = (int)CloseCode.Normal }
        : new ConnectionClosed { CloseCode = end.CloseCode, Reason = end.Message, WillReconnect = request.Reconnect && RetryTable.IsTransient(end) && HasTriesLeft });

    private bool HasTriesLeft => request.MaxRetries is not { } most || _backoff.Failures < most;

    private bool MayRetry(VZapsException failure, out VZapsException? end)
    {
        end = failure;
        if (!RetryTable.IsTransient(failure) || (request.FailFast && !_firstOpen.Task.IsCompleted))
            return false;
        if (!request.Reconnect)
        {
            // Without reconnecting, the server's ordinary goodbye is an ordinary end.
            if (failure is VZapsRealtimeException { CloseCode: (int)CloseCode.Normal })
                end = null;
            return false;
        }

        if (!HasTriesLeft)
        {
            end = new VZapsRealtimeException($"{_backoff.Failures + 1} tries to connect failed one after the other (MaxRetries {request.MaxRetries}). The last: {failure.Message}", failure);
            return false;
        }

        end = null;
        return true;
    }

    private async Task WaitForNextTryAsync(VZapsException failure)
    {
        var delay = _backoff.NextDelay(RetryTable.RetryAfter(failure));
        notices.Error(failure);
        LogRetry(logger, failure.Message, delay, _backoff.Failures);
        await Task.Delay(delay, settings.Time, closing.Token).ConfigureAwait(false);
        ClientTelemetry.Reconnects.Add(1);
    }

    [LoggerMessage(1111, LogLevel.Information, "Realtime connection open: reading {InstanceId} as consumer {Consumer}.")]
    private static partial void LogOpen(ILogger logger, string instanceId, string consumer);

    [LoggerMessage(1112, LogLevel.Warning, "{Failure} Next try in {Delay}, number {Attempt}.")]
    private static partial void LogRetry(ILogger logger, string failure, TimeSpan delay, int attempt);

    [LoggerMessage(1113, LogLevel.Warning, "{Events} failed event(s) held the resume position for {Hold} or too many others waited behind them; it moves past them, "
        + "and they come again only by the server's redelivery or from its dead letters.")]
    private static partial void LogReleased(ILogger logger, int events, TimeSpan hold);
}
