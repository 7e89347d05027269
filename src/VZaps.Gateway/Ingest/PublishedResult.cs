using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using VZaps.Gateway.Log;
using EventId = VZaps.Protocol.EventId;

namespace VZaps.Gateway.Ingest;

/// <summary>The 202 of a publish, written without a serializer: it is answered once for each request on the hot path.</summary>
internal sealed class PublishedResult(AppendResult result) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = StatusCodes.Status202Accepted;
        response.ContentType = "application/json; charset=utf-8";
        Write(response.BodyWriter);
        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }

    private void Write(PipeWriter writer)
    {
        Write(writer, "{\"code\":202,\"success\":true,\"data\":{\"ids\":["u8);
        for (var i = 0; i < result.Positions.Count; i++)
        {
            Write(writer, i == 0 ? "\""u8 : ",\""u8);
            EventId.Write(result.Positions[i], writer.GetSpan(EventId.Length));
            writer.Advance(EventId.Length);
            Write(writer, "\""u8);
        }

        Write(writer, "],\"duplicates\":["u8);
        for (var i = 0; i < result.Duplicates.Count; i++)
            Write(writer, Encoding.ASCII.GetBytes((i == 0 ? "" : ",") + result.Duplicates[i].ToString(CultureInfo.InvariantCulture)));
        Write(writer, "]}}"u8);
    }

    private static void Write(PipeWriter writer, ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(writer.GetSpan(utf8.Length));
        writer.Advance(utf8.Length);
    }
}
