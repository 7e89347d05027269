using System.Net;

namespace VZaps.Client.Publishing;

/// <summary>A file in a form, read from its stream while it goes out. It leaves the stream open: it is the caller's.</summary>
internal sealed class FilePart(FileSource file) : HttpContent
{
    public Action? Progressed { get; set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        file.CopyToAsync(stream, Progressed, cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        var known = file.Length;
        length = known ?? 0;
        return known is not null;
    }
}
