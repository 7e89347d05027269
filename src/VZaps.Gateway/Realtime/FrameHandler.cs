using VZaps.Gateway.Delivery;

namespace VZaps.Gateway.Realtime;

/// <summary>What a client's messages mean for its deliveries. For the connection's receiving loop alone.</summary>
internal sealed class FrameHandler(DeliveryAccount account, TimeSpan ackTimeout, DeliveryMetrics metrics)
{
    /// <summary>How many texts that are not JSON objects end a connection.</summary>
    public const int MaxMalformed = 20;

    /// <summary>Characters of a reject's reason that are kept.</summary>
    public const int MaxReasonLength = 500;

    private int _malformed;
    private int _acked; // since they were counted last

    /// <summary>Messages without effect: unknown types, acks of what is not out, texts that are not JSON objects.</summary>
    public long Ignored { get; private set; }

    /// <summary>Does what a message says; false where the client has sent too much that is none.</summary>
    public bool Handle(ReadOnlySpan<byte> message)
    {
        var frame = ClientFrame.Read(message);
        var isTaken = frame.Kind == ClientFrameKind.AckMany
            ? account.Info.IsExtended && AckMany(frame, message)
            : frame.Position.BelongsTo(account.Info.Instance) && (frame.Kind == ClientFrameKind.Ack ? Ack(frame.Position) : account.Info.IsExtended && Answer(frame, message));
        if (isTaken)
            return true;
        Ignored++;
        return frame.Kind != ClientFrameKind.Malformed || ++_malformed < MaxMalformed;
    }

    /// <summary>All that came in one read was handled: it is counted together.</summary>
    public void EndOfRead()
    {
        if (_acked == 0)
            return;
        metrics.Acked(_acked);
        _acked = 0;
    }

    private bool Ack(EventPosition position)
    {
        if (!account.TryAck(position.Sequence, out var isFirst))
            return false;
        _acked += isFirst ? 1 : 0;
        return true;
    }

    private bool AckMany(ClientFrame frame, ReadOnlySpan<byte> message)
    {
        Ignored += frame.ReadIds(message, this, static (handler, id) => handler.AckOneOfMany(id));
        return true;
    }

    private void AckOneOfMany(EventPosition id)
    {
        if (!id.BelongsTo(account.Info.Instance) || !Ack(id))
            Ignored++;
    }

    private bool Answer(ClientFrame frame, ReadOnlySpan<byte> message)
    {
        var sequence = frame.Position.Sequence;
        switch (frame.Kind)
        {
            case ClientFrameKind.AckUpTo:
                var acked = account.AckUpTo(sequence, out var first);
                _acked += first;
                return acked > 0;
            case ClientFrameKind.Nack:
                return Count(account.TryNack(sequence, TimeSpan.FromMilliseconds(frame.Milliseconds ?? 0)), "nack");
            case ClientFrameKind.Working:
                return Count(account.TryExtend(sequence, frame.Milliseconds is { } ms ? TimeSpan.FromMilliseconds(ms) : ackTimeout), "working");
            case ClientFrameKind.Reject:
                return Count(account.TryReject(sequence, frame.ReadReason(message, MaxReasonLength)), "reject");
            default:
                return false;
        }
    }

    private bool Count(bool isTaken, string what)
    {
        if (isTaken)
            metrics.Answered(what);
        return isTaken;
    }
}
