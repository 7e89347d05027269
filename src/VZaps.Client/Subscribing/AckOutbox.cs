using System.Buffers;
using VZaps.Client.Realtime;
using VZaps.Client.Telemetry;

namespace VZaps.Client.Subscribing;

/// <summary>
/// Sends acks over whatever connection is open, and the latest of them again over the next one: a cut loses acks without a
/// trace, and so does handling an event while there is no connection. To a server of the extension, what gathers while a send is
/// in progress goes out as one frame; load sets its size, no timer does. Any other server gets them one by one.
/// </summary>
/// <remarks>Thread-safe. Nothing here throws: an ack that was not sent is sent again, or costs a redelivery.</remarks>
internal sealed class AckOutbox(int capacity, Uplink uplink)
{
    /// <summary>How many acks the gateway can be waiting for on one connection: no more than these can have been lost in a cut.</summary>
    public const int ServerWindow = 1_024;

    /// <summary>Acks that may wait for their send. Beyond it whoever acks waits too, as a server that does not read must not cost memory.</summary>
    private const int MaxUnsent = AckFrame.MaxIds;

    private readonly Lock _gate = new();
    private readonly Queue<string> _latest = new();
    private readonly List<string> _unsent = [];
    private RealtimeConnection? _connection;
    private readonly ArrayBufferWriter<byte> _frame = new(); // the sender's alone
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
    /// <returns>Completes when the next may come: without the extension when it was sent, with it mostly at once.</returns>
    public Task AckAsync(string id)
    {
        bool isExtended, isSender, mayGoOn;
        Task sent;
        lock (_gate)
        {
            _latest.Enqueue(id);
            if (_latest.Count > capacity)
                _latest.Dequeue();
            if (_connection is not { } connection)
                return Task.CompletedTask;
            _unsent.Add(id);
            isExtended = connection.IsExtended;
            isSender = TryBeginSending();
            mayGoOn = isExtended && _unsent.Count < MaxUnsent;
            sent = mayGoOn || (isSender && !isExtended) ? Task.CompletedTask : WhenSent();
        }

        // Where acks can be gathered, others may join this one while a thread is called. Where not, that would only cost time.
        if (isSender && !isExtended)
            return SendAllAsync();
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
        try
        {
            while (TakeFrame(out var count) is { } connection)
            {
                if (await uplink.TrySendAsync(connection, _frame.WrittenMemory).ConfigureAwait(false))
                    ClientTelemetry.Acked.Add(count);
                else
                    Drop(connection);
            }
        }
        catch
        {
            // Somebody's listener of the counter threw: the next ack must find its way all the same.
            lock (_gate)
                EndSending();
            throw;
        }
    }

    /// <summary>The next frame and its connection; null where there is nothing to send, and then sending has ended.</summary>
    private RealtimeConnection? TakeFrame(out int count)
    {
        lock (_gate)
        {
            count = 1;
            if (_connection is not { } connection || _unsent.Count == 0)
            {
                EndSending();
                return null;
            }

            _frame.ResetWrittenCount();
            if (connection.IsExtended)
                count = AckFrame.WriteBatch(_unsent, _frame);
            else
                AckFrame.Write(_unsent[0], _frame);
            _unsent.RemoveRange(0, count);
            return connection;
        }
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
