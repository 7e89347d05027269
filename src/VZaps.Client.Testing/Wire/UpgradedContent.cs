using System.Net;

namespace VZaps.Client.Testing.Wire;

/// <summary>The content of a 101 answer: the connection.</summary>
internal sealed class UpgradedContent(Stream line) : HttpContent
{
    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => line;

    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult(line);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
