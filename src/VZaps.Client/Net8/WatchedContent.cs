#if !NET9_0_OR_GREATER
using System.Net;

namespace VZaps.Client.Realtime;

/// <summary>The upgraded connection of a handshake's answer, as the WebSocket takes it: through a <see cref="SilenceWatch"/>.</summary>
internal sealed class WatchedContent(HttpContent upgraded, TimeSpan limit, TimeProvider time) : HttpContent
{
    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => new SilenceWatch(upgraded.ReadAsStream(cancellationToken), limit, time);

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
#endif
