using Microsoft.Extensions.Logging;
using VZaps.Client.Configuration;
using VZaps.Client.Events;
using VZaps.Client.Realtime;
using VZaps.Client.Telemetry;

namespace VZaps.Client.Subscribing;

/// <summary>
/// What the server says on one connection beside events, and to whom it is passed on. A server of the extension introduces itself with
/// <c>hello</c>, which the connection's opening is announced with; one that does not, in time or before an event, is announced without.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed partial class ServerVoice : IDisposable
{
    /// <summary>How long the announcement waits for <c>hello</c>.</summary>
    public static TimeSpan HelloTimeout { get; } = TimeSpan.FromSeconds(5);

    /// <summary>An ack time-out that is shorter than this is a mistake, and would make us a nuisance.</summary>
    private static readonly TimeSpan ShortestAckTimeout = TimeSpan.FromMilliseconds(100);

    private readonly SubscriptionTarget _target;
    private readonly ConnectionOpened _known;
    private readonly Uplink _uplink;
    private readonly ResumeCursor _resume;
    private readonly AckOutbox _acks;
    private readonly NoticeLoop _notices;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _announced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<TimeSpan> _ackTimeout = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<TimeSpan> _goingAway = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer? _impatience;
    private bool _isGreeted;
    private bool _isAnnounced;

    public ServerVoice(
        RealtimeConnection connection, SubscriptionTarget target, ClientSettings settings, Uplink uplink, ResumeCursor resume, AckOutbox acks, NoticeLoop notices,
        ILogger logger)
    {
        (_target, _uplink, _resume, _acks, _notices, _logger) = (target, uplink, resume, acks, notices, logger);
        _known = new ConnectionOpened { Consumer = target.ConsumerAt(settings.Realtime), IsExtended = connection.IsExtended };
        if (connection.IsExtended)
            _impatience = settings.Time.CreateTimer(static voice => ((ServerVoice)voice!).DoWithoutHello(), this, HelloTimeout, Timeout.InfiniteTimeSpan);
        else
            DoWithoutHello();
    }

    /// <summary>Completes when the connection's <c>OnOpen</c> callbacks have finished: its events follow them.</summary>
    public Task Announced => _announced.Task;

    /// <summary>After how long the server sends an event again; completes with <c>hello</c>, if one comes that has it.</summary>
    public Task<TimeSpan> AckTimeout => _ackTimeout.Task;

    /// <summary>Completes with <c>goaway</c>: how long to stay away.</summary>
    public Task<TimeSpan> GoingAway => _goingAway.Task;

    /// <summary>The server said something.</summary>
    public void Hear(ServerFrame frame)
    {
        switch (frame)
        {
            case { Hello: { } hello }:
                Greet(hello);
                break;
            case { Gap: { } gap }:
                DoWithoutHello();
                Report(gap);
                break;
            case { Kind: ServerFrameKind.GoAway }:
                DoWithoutHello();
                if (_goingAway.TrySetResult(frame.ReconnectAfter))
                {
                    ClientTelemetry.GoAways.Add(1);
                    LogGoAway(_logger, frame.ReconnectAfter);
                }

                break;
            default:
                break; // what a newer server says does not concern this version
        }
    }

    /// <summary>Something else came first, or nothing: the opening is announced with what is known, if it was not already.</summary>
    public void DoWithoutHello()
    {
        lock (_gate)
        {
            if (_isAnnounced)
                return;
            Announce(_known, null);
        }

        _acks.Repeat(forget: false);
    }

    public void Dispose() => _impatience?.Dispose();

    /// <summary>The first hello counts, also a late one; what a server says twice is not news.</summary>
    private void Greet(HelloFrame hello)
    {
        lock (_gate)
        {
            if (_isGreeted)
                return;
            _isGreeted = true;
            Announce(Introduction(hello), hello.ConsumerConnections is { } all ? $" Other live connections of it: {Math.Max(all - 1, 0)}." : null);
        }

        _acks.Repeat(forget: _resume.Introduced(hello.ResumedAfter, hello.Moves));
        // Without a window nothing is sent again, so there is nothing to hold off.
        if (hello.AckTimeoutMs is > 0 and var timeout && hello.Window is not 0)
            _ackTimeout.TrySetResult(TimeSpan.FromMilliseconds(Math.Clamp(timeout, (long)ShortestAckTimeout.TotalMilliseconds, (long)ExtensionProtocol.LongestDelay.TotalMilliseconds)));
        if (hello.Gap is { } gap)
            Report(gap);
    }

    private ConnectionOpened Introduction(HelloFrame hello) => _known with
    {
        Consumer = hello.Consumer ?? _known.Consumer,
        ConnectionId = hello.ConnectionId,
        ConsumerConnections = hello.ConsumerConnections,
        ResumedAfter = hello.ResumedAfter,
        Lag = hello.Lag,
        Window = hello.Window,
        AckTimeout = hello.AckTimeoutMs is { } timeout and >= 0 and <= int.MaxValue ? TimeSpan.FromMilliseconds(timeout) : null,
    };

    private void Announce(ConnectionOpened opened, string? others)
    {
        LogOpen(_logger, _target.InstanceId, opened.Consumer, others);
        _uplink.Introduce(opened);
        if (_isAnnounced)
            return;
        _isAnnounced = true;
        _notices.Opened(opened, _announced);
    }

    private void Report(GapFrame frame)
    {
        var gap = frame.ToGap();
        ClientTelemetry.Gaps.Add(1);
        LogGap(_logger, _known.Consumer, _target.InstanceId, gap.Events, gap.From ?? "the beginning", gap.To, gap.Span, gap.Reason);
        _notices.Gap(gap);
    }

    [LoggerMessage(1111, LogLevel.Information, "Realtime connection open: reading {InstanceId} as consumer {Consumer}.{OtherConnections}")]
    private static partial void LogOpen(ILogger logger, string instanceId, string consumer, string? otherConnections);

    [LoggerMessage(1116, LogLevel.Debug, "The server shuts down and asks to come again after {ReconnectAfter}.")]
    private static partial void LogGoAway(ILogger logger, TimeSpan reconnectAfter);

    [LoggerMessage(1114, LogLevel.Warning, "Consumer {Consumer} of {InstanceId} missed events, at most {Events}, between {From} and {To} ({Span}): {Reason}. They do not come any more.")]
    private static partial void LogGap(ILogger logger, string consumer, string instanceId, long? events, string from, string? to, TimeSpan? span, string reason);
}
