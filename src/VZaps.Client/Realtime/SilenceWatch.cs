namespace VZaps.Client.Realtime;

/// <summary>
/// A connection's bytes, cut when none came for too long: .NET 8's WebSocket asks for no sign of life, so there a line that is dead and
/// does not say so would be waited on for ever. The contract's servers ping every 20 s, which is the sign.
/// </summary>
/// <remarks>Only a read that waits counts: a reader that is held up by its handlers does not cost the connection.</remarks>
internal sealed class SilenceWatch : LineStream
{
    /// <summary>Two of the server's pings may be lost, or late.</summary>
    public static TimeSpan ShortestLimit { get; } = TimeSpan.FromSeconds(50);

    private const long NotReading = long.MinValue;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _readingSince = NotReading;
    private volatile bool _isSilent;

    /// <param name="line">The connection; it is disposed with this, and when it is silent.</param>
    /// <param name="limit">After so long without a byte it is dead; it is looked at four times in that time.</param>
    /// <param name="time">The clock.</param>
    public SilenceWatch(Stream line, TimeSpan limit, TimeProvider time)
        : base(line)
    {
        (_limit, _time) = (limit, time);
        _timer = time.CreateTimer(static watch => ((SilenceWatch)watch!).Look(), this, limit / 4, limit / 4);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Volatile.Write(ref _readingSince, _time.GetTimestamp());
        try
        {
            var count = await Line.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            // A socket that is disposed under its read may also call that the end of the stream.
            return count > 0 || !_isSilent ? count : throw new EndOfStreamException();
        }
        catch (Exception cut) when (_isSilent)
        {
            throw new IOException($"There was no sign of life for {_limit}.", cut);
        }
        finally
        {
            Volatile.Write(ref _readingSince, NotReading);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _timer.Dispose();
        base.Dispose(disposing);
    }

    private void Look()
    {
        var since = Volatile.Read(ref _readingSince);
        if (since == NotReading || _time.GetElapsedTime(since) < _limit)
            return;
        _isSilent = true;
        Line.Dispose();
    }
}
