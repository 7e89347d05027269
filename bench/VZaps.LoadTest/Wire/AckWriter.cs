using VZaps.LoadTest.Events;

namespace VZaps.LoadTest.Wire;

/// <summary>Frames from a client, gathered until they are sent. Their mask is zero, which the protocol allows and which masks nothing.</summary>
internal sealed class AckWriter(bool isExtended, SentAcks sent)
{
    private const int HeaderBytes = 6;
    private const byte FinalText = 0x81, FinalPong = 0x8A, Masked = 0x80;
    private readonly byte[] _lastId = new byte[EnvelopeText.IdLength];
    private byte[] _frames = [];
    private bool _hasLast;
    private int _unsent;

    /// <summary>A close with 1000.</summary>
    public static byte[] CloseFrame { get; } = [0x88, Masked | 2, 0, 0, 0, 0, 0x03, 0xE8];

    public int Length { get; private set; }

    /// <summary>An event was taken.</summary>
    public void Add(ReadOnlySpan<byte> id)
    {
        if (isExtended)
        {
            id.CopyTo(_lastId);
            _hasLast = true;
        }
        else
        {
            Frame(FinalText, "{\"type\":\"ack\",\"event_id\":\""u8, id, "\"}"u8);
            _unsent++;
        }
    }

    /// <summary>All that had arrived was taken.</summary>
    public void EndOfRead()
    {
        if (_hasLast)
            Frame(FinalText, "{\"type\":\"ack\",\"up_to\":\""u8, _lastId, "\"}"u8);
        _hasLast = false;
    }

    public void Pong(ReadOnlySpan<byte> payload) => Frame(FinalPong, [], payload, []);

    /// <summary>What was gathered; good until the next frame.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        var frames = _frames.AsMemory(0, Length);
        sent.Add(_unsent);
        (Length, _unsent) = (0, 0);
        return frames;
    }

    private void Frame(byte first, ReadOnlySpan<byte> start, ReadOnlySpan<byte> middle, ReadOnlySpan<byte> end)
    {
        var payload = start.Length + middle.Length + end.Length; // at most 125: the short form
        if (_frames.Length < Length + HeaderBytes + payload)
            Array.Resize(ref _frames, Math.Max(_frames.Length * 2, Length + HeaderBytes + payload));
        var frame = _frames.AsSpan(Length);
        (frame[0], frame[1]) = (first, (byte)(Masked | payload));
        frame.Slice(2, 4).Clear();
        start.CopyTo(frame[HeaderBytes..]);
        middle.CopyTo(frame[(HeaderBytes + start.Length)..]);
        end.CopyTo(frame[(HeaderBytes + start.Length + middle.Length)..]);
        Length += HeaderBytes + payload;
    }
}
