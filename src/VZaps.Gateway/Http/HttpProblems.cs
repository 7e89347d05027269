namespace VZaps.Gateway.Http;

/// <summary>The refusals that any route may give.</summary>
internal static class HttpProblems
{
    public static Problem NotFound(string method, string path) =>
        new(404, "not_found", $"There is no {method} {path} here. The routes are listed in /openapi/v1.json.");

    public static Problem MethodNotAllowed(string method, string? allowed) =>
        new(405, "method_not_allowed", $"This route does not take {method}; it takes {allowed ?? "another method"}.");

    public static Problem UnsupportedMediaType(string? given) =>
        new(415, "unsupported_media_type", $"The body's Content-Type is '{given}'; send application/json.");

    public static Problem Internal(string requestId) =>
        new(500, "internal_error", $"The gateway failed to handle the request; its log has the reason under request id {requestId}.");

    public static Problem StorageFull { get; } = new(503, "storage_full",
        "There is no room on the disk of the gateway's data folder for what this request has to save. Nothing was changed; try again when there is room.")
    {
        RetryAfter = TimeSpan.FromSeconds(30),
    };

    public static Problem InvalidJson(string what) => new(400, "invalid_json", what);

    public static Problem InvalidBody(string what) => new(400, "invalid_body", what);

    public static Problem BodyTooLarge(long maxBytes) =>
        new(413, "body_too_large", $"The body is larger than the {maxBytes:N0} bytes that this route takes.");

    public static Problem LineTooLong(int maxBytes) => new(414, "uri_too_long",
        $"The request's first line, so its path and query, has more than {maxBytes} bytes (Limits:MaxRequestLineBytes). Send credentials in headers, or fewer parameters.");

    public static Problem HeadersTooLarge(int maxBytes) => new(431, "headers_too_large",
        $"The request's headers have more than {maxBytes} bytes (Limits:MaxRequestHeaderBytes).");

    public static Problem BadRequest(int status) => status switch
    {
        408 => new(408, "request_timeout", "The request's body came too slowly."),
        413 => new(413, "body_too_large", "The body is larger than this route takes."),
        431 => new(431, "headers_too_large", "The request's headers are larger than the gateway takes (Limits:MaxRequestHeaderBytes)."),
        _ => new(status is >= 400 and < 500 ? status : 400, "bad_request", "The request is not well-formed HTTP."),
    };

    public static Problem OfStatus(int status) =>
        new(status, status >= 500 ? "unavailable" : "refused", $"The gateway refused the request with status {status}.");

    public static Problem Draining(TimeSpan retryAfter) =>
        new(503, "draining", "The gateway is shutting down; connect again in a moment.") { RetryAfter = retryAfter };
}
