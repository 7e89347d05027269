using System.Buffers;
using VZaps.Client.Realtime;
using VZaps.Client.Telemetry;

namespace VZaps.Client.Subscribing;

/// <summary>
/// Sends acks over whatever connection is open, and the latest of them again over the next one: a cut loses acks without a
/// trace, and so does handling an event while there is no connection. What gathers while a send is in progress goes out together; load sets its size, no timer does: to a server of the
/// extension as one frame, to any other as a frame each in one write.
/// </summary>
/// <remarks>Thread-safe. Nothing here throws: an ack that was not sent is sent again, or costs a redelivery.</remarks>
internal sealed class AckOutbox(int capacity, Uplink uplink)
{
    /// <summary>How many acks the gateway can be waiting for on one connection: no more than these can have been lost in a cut.</summary>
    public const int ServerWindow = 1_024;

    /// <summary>Frames of one ack in a write: some 60 bytes each.</summary>
    private const int MaxFrames = 256;

    /// <summary>Acks that may wait for their send. Beyond it whoever acks waits too, as a server that does not read must not cost memory.</summary>
    private const int MaxUnsent = AckFrame.MaxIds;

    private readonly Lock _gate = new();
    private readonly Queue<string> _latest = new();
    private readonly List<string> _unsent = [];
    private RealtimeConnection? _connection;
    private readonly ArrayBufferWriter<byte> _frame = new(); // the sender's alone, as the next two
    private readonly ArrayBufferWriter<byte> _ack = new();
    private readonly MaskedFrames _masked = new();
    private TaskCompletionSource? _sent;
    private bool _isSending;
    private bool _isRepeatDue;

    /// <summary>A connection is open: acks go there, first the latest ones; with the extension when <see cref="Repeat"/> is called.</summary>
    public void Attach(RealtimeConnection connection)
    {
        lock (_gate)
        {
            _connection = connection;
            _unsent.Clear();
            _isRepeatDue = true;
        }

        if (!connection.IsExtended)
            Repeat(forget: false);
    }

    /// <summary>Sends the latest acks again, once a connection.</summary>
    /// <param name="forget">Whether the consumer was moved since: then they are of events that are to be handled again, and would
    /// settle those before they are.</param>
    public void Repeat(bool forget)
    {
        lock (_gate)
        {
            if (forget)
                _latest.Clear();
            if (!_isRepeatDue || _connection is null)
                return;
            _isRepeatDue = false;
            _unsent.InsertRange(0, _latest.Except(_unsent, StringComparer.Ordinal));
            if (!TryBeginSending())
                return;
        }

        SendBeside();
    }

    public void Detach()
    {
        lock (_gate)
        {
            _connection = null;
            _unsent.Clear();
        }
    }

    /// <summary>Acks a handled event, now or when there is a connection again.</summary>
    /// <returns>Completes when the next may come: at once, unless too many wait for a server that does not read.</returns>
    public Task AckAsync(string id)
    {
        bool isSender;
        Task sent;
        lock (_gate)
        {
            _latest.Enqueue(id);
            if (_latest.Count > capacity)
                _latest.Dequeue();
            if (_connection is null)
                return Task.CompletedTask;
            _unsent.Add(id);
            isSender = TryBeginSending();
            sent = _unsent.Count < MaxUnsent ? Task.CompletedTask : WhenSent();
        }

        // Others may join this one while a thread is called.
        if (isSender)
            SendBeside();
        return sent;
    }

    /// <summary>Completes when every ack was sent, or the connection is gone.</summary>
    public Task FlushAsync()
    {
        lock (_gate)
            return WhenSent();
    }

    /// <summary>Completes when nothing is being sent. Called under the lock.</summary>
    private Task WhenSent() => _isSending ? (_sent ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;

    /// <summary>Whether the caller is to send: nobody does yet, and there is something. Called under the lock.</summary>
    private bool TryBeginSending()
    {
        if (_isSending || _unsent.Count == 0)
            return false;
        _isSending = true;
        return true;
    }

    private void SendBeside() => ThreadPool.UnsafeQueueUserWorkItem(static outbox => _ = outbox.SendAllAsync(), this, preferLocal: false);

    private async Task SendAllAsync()
    {
        while (Take(out var count, out var areFrames) is { } connection)
        {
            var sending = areFrames ? uplink.TrySendFramesAsync(connection, _frame.WrittenMemory) : uplink.TrySendAsync(connection, _frame.WrittenMemory);
            if (await sending.ConfigureAwait(false))
                ClientTelemetry.Acked.Add(count);
            else
                Drop(connection);
        }
    }

    /// <summary>What is sent next and its connection; null where there is nothing to send, and then sending has ended.</summary>
    /// <param name="count">How many acks it is.</param>
    /// <param name="areFrames">Whether it is frames, and not one message.</param>
    private RealtimeConnection? Take(out int count, out bool areFrames)
    {
        lock (_gate)
        {
            (count, areFrames) = (0, false);
            if (_connection is not { } connection || _unsent.Count == 0)
            {
                EndSending();
                return null;
            }

            _frame.ResetWrittenCount();
            if (connection.IsExtended)
                count = AckFrame.WriteBatch(_unsent, _frame);
            else if (connection.Line is not null)
                count = WriteFrames();
            areFrames = count > 0 && !connection.IsExtended;
            if (count == 0)
                count = WriteOne();
            _unsent.RemoveRange(0, count);
            return connection;
        }
    }

    private int WriteOne()
    {
        AckFrame.Write(_unsent[0], _frame);
        return 1;
    }

    /// <returns>How many were written: not one whose id is longer than any of the contract's, nor those behind it.</returns>
    private int WriteFrames()
    {
        var count = 0;
        for (; count < Math.Min(_unsent.Count, MaxFrames); count++)
        {
            _ack.ResetWrittenCount();
            AckFrame.Write(_unsent[count], _ack);
            if (_ack.WrittenCount > MaskedFrames.MaxPayload)
                break;
            _masked.Write(_ack.WrittenSpan, _frame);
        }

        return count;
    }

    private void EndSending()
    {
        _isSending = false;
        _sent?.TrySetResult();
        _sent = null;
    }

    /// <summary>The connection is gone. The next one gets all of it again.</summary>
    private void Drop(RealtimeConnection gone)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_connection, gone))
            {
                _connection = null;
                _unsent.Clear();
            }
        }
    }
}
