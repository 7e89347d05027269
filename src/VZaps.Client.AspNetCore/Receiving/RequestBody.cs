using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace VZaps.Client.AspNetCore.Receiving;

/// <summary>The body of a request as it came: a signature is over its bytes.</summary>
internal static class RequestBody
{
    private const long FramingFactor = 8;
    private const int LeastRoom = 4_096, MostRoomAtFirst = 65_536;

    /// <summary>Reads it to its end; null where it is larger than allowed, of which no more is read than that.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpContext context, int maxBytes)
    {
        var length = context.Request.ContentLength;
        if (length > maxBytes)
            return null;
        // The limit is kept here. The server's own counts what frames the chunks, too, which may be several times the body; it bounds what is read and
        // thrown away behind an answer.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = maxBytes * FramingFactor;
        // A length is a claim of somebody who is not known yet: room beyond this is made for what has come.
        var buffer = new byte[Math.Min(length + 1 ?? LeastRoom, MostRoomAtFirst)];
        for (var read = 0; ;)
        {
            var count = await context.Request.Body.ReadAsync(buffer.AsMemory(read), context.RequestAborted).ConfigureAwait(false);
            read += count;
            if (read > maxBytes)
                return null;
            if (count == 0)
                return buffer.AsMemory(0, read);
            if (read == buffer.Length)
                Array.Resize(ref buffer, (int)Math.Min(buffer.Length * 2L, maxBytes + 1L));
        }
    }
}
