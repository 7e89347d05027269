using Microsoft.Extensions.Logging;
using VZaps.Client.Configuration;
using VZaps.Client.Realtime;
using VZaps.Client.Telemetry;

namespace VZaps.Client.Subscribing;

/// <summary>Keeps one connection open: connects, resumes, waits between tries, and decides when there is no point in another.</summary>
internal sealed partial class ConnectionLoop(
    EventSubscribeRequest request, SubscriptionTarget target, ClientSettings settings, RealtimeConnector connector, ResumeCursor resume,
    LiveConnection live, ReceiveLoop receive, DispatchLoop dispatch, NoticeLoop notices, CloseSignal closing, ILogger logger)
{
    /// <summary>A connection that was up for so long has not failed at once, even if it brought nothing.</summary>
    public static TimeSpan StableAfter { get; } = TimeSpan.FromSeconds(10);

    private readonly ReconnectBackoff _backoff = new(request.RetryDelay, Random.Shared);
    private readonly RestartGrace _grace = new(request.RetryDelay, settings.Time);
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
                var ended = await ConnectAndRunAsync().ConfigureAwait(false);
                if (ended.Failure is not { } failure || (closing.IsRaised && RetryTable.IsTransient(failure)))
                    break;
                if (!MayRetry(ended, failure, out end))
                    break;
                await WaitForNextTryAsync(ended, failure).ConfigureAwait(false);
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
    private async Task<ConnectionEnd> ConnectAndRunAsync()
    {
        RealtimeConnection connection;
        try
        {
            connection = await connector.ConnectAsync(target, resume.Next(), closing.Token).ConfigureAwait(false);
        }
        catch (VZapsException failure)
        {
            return new ConnectionEnd(failure);
        }

        using (connection)
        {
            var openedAt = settings.Time.GetTimestamp();
            _grace.End();
            var ended = await live.RunAsync(connection, _firstOpen).ConfigureAwait(false);
            if (receive.BroughtEvent || settings.Time.GetElapsedTime(openedAt) >= StableAfter)
                _backoff.Reset();
            Announce(ended);
            return ended;
        }
    }

    private void Announce(ConnectionEnd ended)
    {
        if (ended.Failure is not VZapsRealtimeException failure || closing.IsRaised)
            notices.Closed(new ConnectionClosed { CloseCode = (int)CloseCode.Normal });
        else if (ended.ReconnectAfter is not null)
            notices.Closed(new ConnectionClosed { CloseCode = failure.CloseCode, Reason = "The server shuts down and asked to come again.", WillReconnect = request.Reconnect });
        else
            notices.Closed(new ConnectionClosed { CloseCode = failure.CloseCode, Reason = failure.Message, WillReconnect = request.Reconnect && RetryTable.IsTransient(failure) && HasTriesLeft });
    }

    private bool HasTriesLeft => request.MaxRetries is not { } most || _backoff.Failures < most;

    private bool MayRetry(ConnectionEnd ended, VZapsException failure, out VZapsException? end)
    {
        end = failure;
        if (!RetryTable.IsTransient(failure) || (request.FailFast && !_firstOpen.Task.IsCompleted))
            return false;
        if (!request.Reconnect)
        {
            // Without reconnecting, the server's ordinary goodbye is an ordinary end.
            if (ended.ReconnectAfter is not null || failure is VZapsRealtimeException { CloseCode: (int)CloseCode.Normal })
                end = null;
            return false;
        }

        if (ended.ReconnectAfter is not null)
            _grace.Begin();
        if (!_grace.IsOn && !HasTriesLeft)
        {
            end = new VZapsRealtimeException($"{_backoff.Failures + 1} tries to connect failed one after the other (MaxRetries {request.MaxRetries}). The last: {failure.Message}", failure);
            return false;
        }

        end = null;
        return true;
    }

    private async Task WaitForNextTryAsync(ConnectionEnd ended, VZapsException failure)
    {
        TimeSpan delay;
        if (_grace.IsOn)
        {
            delay = _grace.NextDelay(ended.ReconnectAfter ?? RetryTable.RetryAfter(failure));
            LogRestart(logger, ended.ReconnectAfter is null ? failure.Message : "The server shuts down and asked to come again.", delay);
        }
        else
        {
            delay = _backoff.NextDelay(RetryTable.RetryAfter(failure));
            dispatch.Resume(); // what was held for a restart has waited long enough
            notices.Error(failure);
            LogRetry(logger, failure.Message, delay, _backoff.Failures);
        }

        await Task.Delay(delay, settings.Time, closing.Token).ConfigureAwait(false);
        ClientTelemetry.Reconnects.Add(1);
    }

    [LoggerMessage(1112, LogLevel.Warning, "{Failure} Next try in {Delay}, number {Attempt}.")]
    private static partial void LogRetry(ILogger logger, string failure, TimeSpan delay, int attempt);

    [LoggerMessage(1115, LogLevel.Information, "{Situation} Next try in {Delay}.")]
    private static partial void LogRestart(ILogger logger, string situation, TimeSpan delay);
}
