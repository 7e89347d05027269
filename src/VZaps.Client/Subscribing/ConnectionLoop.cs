using Microsoft.Extensions.Logging;
using VZaps.Client.Configuration;
using VZaps.Client.Realtime;
using VZaps.Client.Telemetry;

namespace VZaps.Client.Subscribing;

/// <summary>Keeps one connection open: connects, resumes, waits between tries, until there is no point in another.</summary>
internal sealed partial class ConnectionLoop(
    EventSubscribeRequest request, SubscriptionTarget target, ClientSettings settings, RealtimeConnector connector, ResumeCursor resume, LiveConnection live,
    ReceiveLoop receive, EventDispatch dispatch, NoticeLoop notices, StateRecord state, ReconnectSignal anew, CloseSignal closing, ILogger logger)
{
    /// <summary>A connection that was up for so long has not failed at once, even if it brought nothing.</summary>
    public static TimeSpan StableAfter { get; } = TimeSpan.FromSeconds(10);

    private readonly Reconnecting _reconnecting = new(request, settings.Time);
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
                {
                    Announce(ended, null);
                    break;
                }

                var next = _reconnecting.After(ended, failsFast: request.FailFast && !_firstOpen.Task.IsCompleted);
                Announce(ended, next);
                if (next.Delay is not { } delay)
                {
                    end = next.Error;
                    break;
                }

                await WaitForNextTryAsync(ended, failure, next, delay).ConfigureAwait(false);
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
            return new ConnectionEnd(failure, WasOpen: false);
        }

        using (connection)
        {
            var openedAt = settings.Time.GetTimestamp();
            _reconnecting.Opened();
            anew.Clear();
            var ended = await live.RunAsync(connection, _firstOpen).ConfigureAwait(false);
            if (receive.BroughtEvent || settings.Time.GetElapsedTime(openedAt) >= StableAfter)
                _reconnecting.Held();
            return ended;
        }
    }

    private void Announce(ConnectionEnd ended, ReconnectDecision? next)
    {
        if (_firstOpen.Task.IsCompleted && next?.Delay is not null)
            state.Set(SubscriptionState.Reconnecting, ended.Failure);
        if (!ended.WasOpen)
            return;
        if (ended.Failure is not VZapsRealtimeException failure || closing.IsRaised)
            notices.Closed(new ConnectionClosed { CloseCode = (int)CloseCode.Normal });
        else
            notices.Closed(new ConnectionClosed { CloseCode = failure.CloseCode, Reason = ReasonOf(ended, failure), WillReconnect = next?.Delay is not null });
    }

    private async Task WaitForNextTryAsync(ConnectionEnd ended, VZapsException failure, ReconnectDecision next, TimeSpan delay)
    {
        if (next.IsNews)
        {
            dispatch.Resume(); // what was held for a restart has waited long enough
            notices.Error(failure);
            LogRetry(logger, failure.Message, delay, _reconnecting.Failures);
        }
        else
        {
            LogRestart(logger, ReasonOf(ended, failure), delay);
        }

        await WaitAsync(delay).ConfigureAwait(false);
        ClientTelemetry.Reconnects.Add(1);
    }

    private async Task WaitAsync(TimeSpan delay)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(closing.Token);
        await Task.WhenAny(Task.Delay(delay, settings.Time, enough.Token), anew.Asked).ConfigureAwait(false);
        await enough.CancelAsync().ConfigureAwait(false);
        closing.Token.ThrowIfCancellationRequested();
        anew.Clear();
    }

    private static string ReasonOf(ConnectionEnd ended, VZapsException failure) =>
        ended.IsForNew ? "A new connection was asked for." : ended.ReconnectAfter is not null ? "The server shuts down and asked to come again." : failure.Message;

    [LoggerMessage(1112, LogLevel.Warning, "{Failure} Next try in {Delay}, number {Attempt}.")]
    private static partial void LogRetry(ILogger logger, string failure, TimeSpan delay, int attempt);

    [LoggerMessage(1115, LogLevel.Information, "{Situation} Next try in {Delay}.")]
    private static partial void LogRestart(ILogger logger, string situation, TimeSpan delay);
}
