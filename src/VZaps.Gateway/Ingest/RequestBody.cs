using System.Buffers;
using System.IO.Pipelines;

namespace VZaps.Gateway.Ingest;

/// <summary>A request's whole body in one piece: where the server received it, if it is small and stands together, else in a rented
/// buffer. Dispose it to give either back.</summary>
internal readonly struct RequestBody : IDisposable
{
    private const int FirstRent = 16 * 1024;

    // The server holds back a client that is further ahead than its own buffer; this is well below that.
    private const int MostInPlace = 64 * 1024;

    private readonly byte[]? _rented;
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly PipeReader? _reader;
    private readonly SequencePosition _end;

    private RequestBody(byte[] rented, int length) => (_rented, _bytes) = (rented, rented.AsMemory(0, length));

    private RequestBody(PipeReader reader, ReadOnlySequence<byte> body) => (_reader, _bytes, _end) = (reader, body.First, body.End);

    public ReadOnlySpan<byte> Span => _bytes.Span;

    public ReadOnlyMemory<byte> Memory => _bytes;

    /// <summary>Reads to the end.</summary>
    /// <exception cref="Http.ProblemException">413: it has more than <paramref name="maxBytes"/>.</exception>
    public static ValueTask<RequestBody> ReadAsync(HttpRequest request, int maxBytes)
    {
        if (request.ContentLength > maxBytes)
            throw PublishProblems.BodyTooLarge(maxBytes);
        return request.ContentLength is <= MostInPlace and var length
            ? ReadInPlaceAsync(request.BodyReader, (int)length)
            : ReadIntoBufferAsync(request, maxBytes);
    }

    public void Dispose()
    {
        _reader?.AdvanceTo(_end);
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
    }

    private static async ValueTask<RequestBody> ReadInPlaceAsync(PipeReader reader, int length)
    {
        // The server gives no more than was announced, and fails where less comes.
        var read = await reader.ReadAtLeastAsync(length);
        if (read.IsCanceled)
            throw new OperationCanceledException("The body did not come in time.");
        var body = read.Buffer;
        if (body.IsSingleSegment)
            return new RequestBody(reader, body);
        var copied = (int)body.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(copied);
        body.CopyTo(buffer);
        reader.AdvanceTo(body.End);
        return new RequestBody(buffer, copied);
    }

    private static async ValueTask<RequestBody> ReadIntoBufferAsync(HttpRequest request, int maxBytes)
    {
        // One byte more than is announced, so that the read that finds the end has room to ask.
        var buffer = ArrayPool<byte>.Shared.Rent((int)(request.ContentLength + 1 ?? FirstRent));
        var length = 0;
        try
        {
            while (true)
            {
                var read = await request.Body.ReadAsync(buffer.AsMemory(length));
                if (read == 0)
                    return new RequestBody(buffer, length);
                length += read;
                if (length > maxBytes)
                    throw PublishProblems.BodyTooLarge(maxBytes);
                if (length == buffer.Length)
                    buffer = Grow(buffer, length);
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    private static byte[] Grow(byte[] buffer, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
