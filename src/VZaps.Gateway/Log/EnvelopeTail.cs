namespace VZaps.Gateway.Log;

/// <summary>
/// The newest envelopes of one instance in a ring. Sequences follow each other without a hole, so any of them is found
/// by subtraction. Not thread-safe.
/// </summary>
internal sealed class EnvelopeTail(FeedLimits limits)
{
    private Envelope[] _ring = new Envelope[16];
    private int _start;
    private int _count;
    private long _bytes;

    /// <summary>The oldest envelope's sequence; 0 while there is none.</summary>
    public long FirstSequence => _count == 0 ? 0 : this[0].Position.Sequence;

    /// <summary>The newest envelope's sequence; 0 while there is none.</summary>
    public long LastSequence => _count == 0 ? 0 : this[_count - 1].Position.Sequence;

    private ref Envelope this[int index] => ref _ring[(_start + index) & (_ring.Length - 1)];

    /// <summary>The envelope of a sequence from <see cref="FirstSequence"/> to <see cref="LastSequence"/>.</summary>
    public ref readonly Envelope Of(long sequence) => ref this[(int)(sequence - FirstSequence)];

    /// <summary>Adds the next envelope; the oldest go where there are too many.</summary>
    public void Add(in Envelope envelope)
    {
        if (_count == _ring.Length)
            Grow();
        this[_count++] = envelope;
        _bytes += envelope.Utf8.Length;
        while (_count > limits.MaxEvents || (_bytes > limits.MaxBytes && _count > 1))
            RemoveOldest();
    }

    private void RemoveOldest()
    {
        _bytes -= this[0].Utf8.Length;
        this[0] = default; // or the ring would keep its bytes alive
        _start = (_start + 1) & (_ring.Length - 1);
        _count--;
    }

    private void Grow()
    {
        var larger = new Envelope[_ring.Length * 2];
        for (var i = 0; i < _count; i++)
            larger[i] = this[i];
        (_ring, _start) = (larger, 0);
    }
}

/// <summary>How much of an instance's tail stays in memory.</summary>
/// <param name="MaxEvents">Events, 1 and up.</param>
/// <param name="MaxBytes">Bytes of envelopes, 1 and up; the newest event is kept even where it is larger.</param>
internal readonly record struct FeedLimits(int MaxEvents, long MaxBytes);
