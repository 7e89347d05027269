using Microsoft.Net.Http.Headers;

namespace VZaps.Gateway.Media;

/// <summary>Answers a file: all of it, a range, or that the client has it.</summary>
internal static class FileAnswer
{
    /// <summary>Answers; holds one buffer in memory, however slow the client is.</summary>
    /// <param name="context">The request.</param>
    /// <param name="row">A stored file.</param>
    /// <param name="content">Its bytes; disposed when they are sent.</param>
    public static async Task WriteAsync(HttpContext context, MediaRow row, Stream content)
    {
        var (headers, type) = (context.Response.Headers, row.ContentType ?? ContentTypes.Unknown);
        headers.ContentDisposition = FileNames.Disposition(ContentTypes.IsInline(type), row.FileName ?? row.Id + ContentTypes.Extension(type));
        headers.XContentTypeOptions = "nosniff";
        // A page that somebody sent as a document runs nothing here, whatever opens it. A PDF runs nothing in any case, and some browsers' viewers need what this takes.
        if (type != "application/pdf")
            headers.ContentSecurityPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'";
        headers.CacheControl = "private, max-age=3600, immutable";
        // Ranges of other units are to be passed over (RFC 9110), and the framework would take them for bytes.
        if (!context.Request.Headers.Range.ToString().StartsWith("bytes=", StringComparison.OrdinalIgnoreCase))
            context.Request.Headers.Remove(HeaderNames.Range);
        var storedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.StoredAtMilliseconds ?? row.CreatedAtMilliseconds);
        var result = TypedResults.Stream(content, type, fileDownloadName: null, storedAt, new EntityTagHeaderValue($"\"{row.Sha256}\""), enableRangeProcessing: true);
        await result.ExecuteAsync(context);
        if (context.Response is { StatusCode: StatusCodes.Status416RangeNotSatisfiable, HasStarted: false } response)
        {
            // Its head is of the file, and the answer is none.
            response.ContentLength = null;
            foreach (var name in (ReadOnlySpan<string>)[HeaderNames.ContentType, HeaderNames.ContentDisposition, HeaderNames.ETag, HeaderNames.LastModified, HeaderNames.CacheControl])
                headers.Remove(name);
            throw MediaProblems.RangeNotSatisfiable.ToException();
        }
    }
}
