using System.Net;

namespace VZaps.Client.Realtime;

/// <summary>The upgraded connection of a handshake's answer, as the WebSocket takes it: through a <see cref="FrameLine"/>, and where the WebSocket does not look after the line itself, a <see cref="SilenceWatch"/>.</summary>
/// <param name="upgraded">The content of the answer.</param>
/// <param name="silenceLimit">After so long without a byte it is dead (.NET 8).</param>
/// <param name="time">The clock.</param>
internal sealed class LineContent(HttpContent upgraded, TimeSpan silenceLimit, TimeProvider time) : HttpContent
{
    /// <summary>The line, once the WebSocket has taken it.</summary>
    public FrameLine? Line { get; private set; }

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken)
    {
        var stream = upgraded.ReadAsStream(cancellationToken);
#if !NET9_0_OR_GREATER
        stream = new SilenceWatch(stream, silenceLimit, time);
#else
        _ = (silenceLimit, time);
#endif
        return Line = new FrameLine(stream);
    }

    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult(CreateContentReadStream(CancellationToken.None));

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            upgraded.Dispose();
        base.Dispose(disposing);
    }
}
