using System.Buffers.Text;
using VZaps.Gateway.Log;
using EventId = VZaps.Protocol.EventId;

namespace VZaps.Gateway.Ingest;

/// <summary>
/// The 202 of a publish, written without a serializer: it is answered once for each request on the hot path. It is left to the
/// server to send it with the headers, in one write: the length is known, so nothing has to follow.
/// </summary>
internal static class PublishedAnswer
{
    private const int LongestIndex = 3; // of 1,000 events at most

    private static ReadOnlySpan<byte> Start => "{\"code\":202,\"success\":true,\"data\":{\"ids\":["u8;

    private static ReadOnlySpan<byte> Middle => "],\"duplicates\":["u8;

    private static ReadOnlySpan<byte> End => "]}}"u8;

    public static void Write(HttpResponse response, in AppendResult result)
    {
        response.StatusCode = StatusCodes.Status202Accepted;
        response.ContentType = "application/json; charset=utf-8";
        var most = Start.Length + Middle.Length + End.Length
            + (result.Positions.Count * (EventId.Length + 3)) + (result.Duplicates.Count * (LongestIndex + 1));
        var body = response.BodyWriter.GetSpan(most);
        var length = Write(body, result);
        response.ContentLength = length;
        response.BodyWriter.Advance(length);
    }

    private static int Write(Span<byte> body, in AppendResult result)
    {
        var rest = body;
        Copy(Start, ref rest);
        for (var i = 0; i < result.Positions.Count; i++)
        {
            Copy(i == 0 ? "\""u8 : ",\""u8, ref rest);
            EventId.Write(result.Positions[i], rest);
            rest = rest[EventId.Length..];
            Copy("\""u8, ref rest);
        }

        Copy(Middle, ref rest);
        for (var i = 0; i < result.Duplicates.Count; i++)
        {
            if (i > 0)
                Copy(","u8, ref rest);
            Utf8Formatter.TryFormat(result.Duplicates[i], rest, out var written);
            rest = rest[written..];
        }

        Copy(End, ref rest);
        return body.Length - rest.Length;
    }

    private static void Copy(ReadOnlySpan<byte> source, ref Span<byte> rest)
    {
        source.CopyTo(rest);
        rest = rest[source.Length..];
    }
}
