using System.Buffers;
using System.Net;

namespace VZaps.Client.Publishing;

/// <summary>A file in a form, read from its stream while it goes out. It leaves the stream open: it is the caller's.</summary>
internal sealed class FilePart(Stream content, long start) : HttpContent
{
    private const int BufferBytes = 64 * 1024;

    public Action? Progressed { get; set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            if (content.CanSeek)
                content.Position = start;
            int read;
            while ((read = await ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                Progressed?.Invoke();
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = content.CanSeek ? Math.Max(content.Length - start, 0) : 0;
        return content.CanSeek;
    }

    private async ValueTask<int> ReadAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception broken) when (broken is IOException or ObjectDisposedException or NotSupportedException)
        {
            // Else it would look as if the server were not reached.
            throw new VZapsException($"The file to publish could not be read: {broken.Message}", broken);
        }
    }
}
