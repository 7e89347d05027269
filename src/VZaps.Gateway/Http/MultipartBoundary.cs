using Microsoft.Net.Http.Headers;

namespace VZaps.Gateway.Http;

/// <summary>Whether a body is <c>multipart/form-data</c>.</summary>
internal static class MultipartBoundary
{
    private const int MaxLength = 200;

    /// <summary>The boundary of its parts; null where it is something else.</summary>
    public static string? Of(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            && HeaderUtilities.RemoveQuotes(type.Boundary).Value is { Length: > 0 and <= MaxLength } boundary
            ? boundary
            : null;
}
