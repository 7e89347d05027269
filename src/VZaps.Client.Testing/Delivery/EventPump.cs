using System.Text.Json;
using VZaps.Client.Testing.Wire;

namespace VZaps.Client.Testing.Delivery;

/// <summary>The log, its consumers and their connections: what is sent when, and what an answer means. Everything happens under one lock.</summary>
internal sealed class EventPump : IDisposable
{
    private readonly Lock _gate = new();
    private readonly InstanceId _instance;
    private readonly FakeGatewayOptions _options;
    private readonly List<LoggedEvent> _log = [];
    private readonly Dictionary<EventPosition, LoggedEvent> _byPosition = [];
    private readonly Dictionary<string, LoggedEvent> _byKey = [];
    private readonly Dictionary<string, FakeConsumer> _consumers = [];
    private readonly List<FakeConnection> _connections = [];
    private readonly List<(Func<bool> Holds, TaskCompletionSource Met)> _waiters = [];
    private readonly ITimer _timer;

    public EventPump(InstanceId instance, FakeGatewayOptions options)
    {
        (_instance, _options) = (instance, options);
        _timer = options.TimeProvider.CreateTimer(_ => Locked(static () => true), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private DateTimeOffset Now => _options.TimeProvider.GetUtcNow();

    public IReadOnlyList<FakeConnection> Connections => Read(() => _connections.ToArray());

    public void Dispose() => _timer.Dispose();

    /// <summary>Appends an event; the one that has the key already, and true, where there is one.</summary>
    public LoggedEvent Append(EventType type, DateTimeOffset? createdAt, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> data, string? key, out bool isDuplicate)
    {
        lock (_gate)
        {
            isDuplicate = key is not null && _byKey.TryGetValue(key, out _);
            if (isDuplicate)
                return _byKey[key!];
            var envelope = new byte[EnvelopeWriter.Measure(type, prefix.Length + data.Length)];
            EnvelopeWriter.Write(type, _instance, createdAt ?? Now, prefix, data, envelope);
            var appendedAtMs = Math.Max(Now.ToUnixTimeMilliseconds(), _log.Count > 0 ? _log[^1].Position.AppendedAt.ToUnixTimeMilliseconds() : 0);
            var position = EventPosition.Create(_instance, appendedAtMs, _log.Count + 1);
            EnvelopeWriter.FillId(envelope, position);
            var logged = new LoggedEvent(_log.Count, position, type, envelope);
            _log.Add(logged);
            _byPosition.Add(position, logged);
            if (key is not null)
                _byKey.Add(key, logged);
            Settle();
            return logged;
        }
    }

    /// <summary>The consumer's view of an event.</summary>
    /// <exception cref="ArgumentException">No event has that id.</exception>
    public FakeEvent View(string eventId, string consumer) => Read(() => ViewOf(Get(eventId), consumer));

    /// <summary>The consumers with their lag, as the API shows them.</summary>
    public string ConsumersJson() => Read(() => $"[{string.Join(',', _consumers.Values.Select(consumer => consumer.ToJson(_log, Now)))}]");

    /// <summary>An event's data; null where no event has that id.</summary>
    public JsonDocument? DataOf(string eventId)
    {
        var envelope = Read(() => EventPosition.TryParse(eventId, out var position) && _byPosition.TryGetValue(position, out var logged) ? logged.Envelope : null);
        if (envelope is null)
            return null;
        using var json = JsonDocument.Parse(envelope);
        return JsonDocument.Parse(json.RootElement.GetProperty("data").GetRawText());
    }

    /// <summary>A cursor's place; null where the id was never this instance's.</summary>
    public int? Resolve(string cursor) => Read(() =>
        EventPosition.TryParse(cursor, out var position) && position.BelongsTo(_instance) ? _log.Count(logged => !position.IsBefore(logged.Position)) : (int?)null);

    /// <summary>A connection has opened; it is sent what it is to get.</summary>
    public void Attach(FakeConnection connection) => Locked(() =>
    {
        var consumer = ConsumerOf(connection.ConsumerName);
        connection.Consumer = consumer;
        foreach (var type in connection.Types)
            consumer.Read(type, _log.Count);
        if (connection.IsEphemeral)
            connection.Next = connection.Start ?? _log.Count;
        else if (connection.Start is { } start)
            PassOver(consumer, connection, start);
        _connections.Add(connection);
        if (connection.IsExtended)
            connection.Enqueue(ServerFrameWriter.Hello(connection, _connections.Count(other => other.Consumer == consumer), _log.Count(consumer.Wants), _options));
        return true;
    });

    public void Detach(FakeConnection connection) => Locked(() => _connections.Remove(connection));

    /// <summary>What a client said.</summary>
    public void Take(FakeConnection connection, ReadOnlyMemory<byte> text)
    {
        var frame = ClientFrame.Read(text.Span);
        lock (_gate)
        {
            switch (frame.Kind)
            {
                case ClientFrameKind.Ack:
                    Ack(connection, frame.Position);
                    break;
                case ClientFrameKind.AckMany when connection.IsExtended:
                    frame.ReadIds(text.Span, (this, connection), static (to, id) => to.Item1.Ack(to.connection, id));
                    break;
                case ClientFrameKind.AckUpTo when connection.IsExtended:
                    foreach (var logged in connection.Outbox.UpTo(frame.Position))
                        Ack(connection, logged.Position);
                    break;
                case ClientFrameKind.Nack when connection.IsExtended && TryFindOut(connection, frame.Position, out var nacked):
                    Nack(connection, nacked, TimeSpan.FromMilliseconds(frame.Milliseconds ?? 0));
                    break;
                case ClientFrameKind.Working when connection.IsExtended && TryFindOut(connection, frame.Position, out var worked):
                    connection.Outbox.Answered(worked, Now);
                    worked.NotBefore = Now + (frame.Milliseconds is { } extend ? TimeSpan.FromMilliseconds(extend) : _options.AckTimeout);
                    break;
                case ClientFrameKind.Reject when connection.IsExtended && TryFindOut(connection, frame.Position, out var rejected):
                    connection.Outbox.Answered(rejected, Now);
                    connection.Consumer!.StandingOf(rejected.Logged).RejectReason = frame.ReadReason(text.Span, RejectFrame.MaxReasonLength);
                    Bury(connection.Consumer, rejected.Logged, "rejected");
                    break;
            }

            Settle();
        }
    }

    /// <summary>Sends an event once more on every connection that takes its type, whatever became of it.</summary>
    public void Redeliver(string eventId) => Locked(() =>
    {
        var logged = Get(eventId);
        foreach (var connection in _connections.Where(connection => connection.Types.Contains(logged.Type)))
        {
            var standing = connection.Consumer!.StandingOf(logged);
            // Acked once is acked: the ack of the copy changes nothing.
            if (standing.State != FakeEventState.Acked)
                standing.State = FakeEventState.Waiting;
            Send(connection, logged);
        }

        return true;
    });

    /// <summary>Completes when the condition holds; it is looked at after everything that happens.</summary>
    public Task WhenAsync(Func<bool> holds)
    {
        lock (_gate)
        {
            if (holds())
                return Task.CompletedTask;
            var met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((holds, met));
            return met.Task;
        }
    }

    private T Read<T>(Func<T> read)
    {
        lock (_gate)
            return read();
    }

    private T Locked<T>(Func<T> act)
    {
        lock (_gate)
        {
            var result = act();
            Settle();
            return result;
        }
    }

    /// <summary>After every change: sends what can be sent, sets the timer, and tells who waits.</summary>
    private void Settle()
    {
        foreach (var connection in _connections)
        {
            SendDue(connection);
            SendNew(connection);
        }

        var next = _connections.Select(connection => connection.Outbox.NextDue(Now)).Min();
        _timer.Change(next is { } due ? (due > Now ? due - Now : TimeSpan.Zero) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        foreach (var waiter in _waiters.Where(waiter => waiter.Holds()).ToList())
        {
            _waiters.Remove(waiter);
            waiter.Met.TrySetResult();
        }
    }

    private void SendDue(FakeConnection connection)
    {
        foreach (var (logged, isSpent) in connection.Outbox.Due(Now))
        {
            if (isSpent)
                Bury(connection.Consumer!, logged, "max_deliveries");
            else
                Send(connection, logged);
        }
    }

    private void SendNew(FakeConnection connection)
    {
        for (; connection.Next < _log.Count && connection.Outbox.HasRoom; connection.Next++)
        {
            var logged = _log[connection.Next];
            if (connection.Types.Contains(logged.Type) && (connection.Start is not null || connection.Consumer!.Wants(logged)))
                Send(connection, logged);
        }
    }

    private void Send(FakeConnection connection, LoggedEvent logged)
    {
        var standing = connection.Consumer!.StandingOf(logged);
        standing.Deliveries++;
        if (connection.IsEphemeral)
        {
            standing.State = FakeEventState.Acked;
            connection.Enqueue(logged.Envelope);
            return;
        }

        if (standing.IsOwed)
            standing.State = FakeEventState.Sent;
        var delivery = connection.Outbox.Send(logged, Now);
        connection.Enqueue(connection.IsExtended && delivery > 1 ? ServerFrameWriter.Redelivered(logged.Envelope, delivery) : logged.Envelope);
    }

    private void Ack(FakeConnection connection, EventPosition position)
    {
        if (TryFindOut(connection, position, out var acked))
            connection.Outbox.Answered(acked, Now);
        if (!_byPosition.TryGetValue(position, out var logged))
            return;
        var standing = connection.Consumer!.StandingOf(logged);
        if (standing.Deliveries == 0)
            return;
        (standing.State, standing.DeadLetterReason) = (FakeEventState.Acked, null);
        RemoveFromAll(connection.Consumer, logged);
    }

    private void Nack(FakeConnection connection, OutEvent nacked, TimeSpan delay)
    {
        connection.Outbox.Answered(nacked, Now);
        if (nacked.Deliveries >= _options.MaxDeliveries)
        {
            Bury(connection.Consumer!, nacked.Logged, "max_deliveries");
            return;
        }

        (nacked.NotBefore, nacked.IsNacked) = (Now + delay, true);
        var standing = connection.Consumer!.StandingOf(nacked.Logged);
        if (standing.IsOwed)
            standing.State = FakeEventState.Nacked;
    }

    private void Bury(FakeConsumer consumer, LoggedEvent logged, string reason)
    {
        var standing = consumer.StandingOf(logged);
        if (standing.IsOwed)
            (standing.State, standing.DeadLetterReason) = (FakeEventState.DeadLettered, reason);
        RemoveFromAll(consumer, logged);
    }

    /// <summary>What a cursor passes over that was never acked is kept as a dead letter, unless another connection has it.</summary>
    private void PassOver(FakeConsumer consumer, FakeConnection connection, int start)
    {
        connection.Next = start;
        foreach (var logged in _log.Take(start).Where(logged => connection.Types.Contains(logged.Type) && consumer.Wants(logged)))
        {
            if (!_connections.Any(other => other.Consumer == consumer && other.Outbox.Find(logged) is not null))
                Bury(consumer, logged, "skipped_by_cursor");
        }
    }

    private void RemoveFromAll(FakeConsumer consumer, LoggedEvent logged)
    {
        foreach (var connection in _connections.Where(connection => connection.Consumer == consumer))
            connection.Outbox.Remove(logged);
    }

    private bool TryFindOut(FakeConnection connection, EventPosition position, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out OutEvent? found)
    {
        found = _byPosition.TryGetValue(position, out var logged) ? connection.Outbox.Find(logged) : null;
        return found is not null;
    }

    private FakeConsumer ConsumerOf(string name)
    {
        if (!_consumers.TryGetValue(name, out var consumer))
            _consumers.Add(name, consumer = new FakeConsumer(name));
        return consumer;
    }

    private LoggedEvent Get(string eventId) => EventPosition.TryParse(eventId, out var position) && _byPosition.TryGetValue(position, out var logged)
        ? logged
        : throw new ArgumentException($"No event with the id '{eventId}' was published here.", nameof(eventId));

    private FakeEvent ViewOf(LoggedEvent logged, string consumer)
    {
        var standing = _consumers.TryGetValue(consumer, out var known) ? known.StandingOf(logged) : new Standing();
        return new FakeEvent(logged.Id, logged.Type, standing.State, standing.Deliveries, standing.DeadLetterReason, standing.RejectReason);
    }
}
