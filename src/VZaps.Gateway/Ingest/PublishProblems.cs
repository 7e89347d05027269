using VZaps.Gateway.Http;

namespace VZaps.Gateway.Ingest;

/// <summary>The refusals of a publish request.</summary>
internal static class PublishProblems
{
    public static ProblemException NotJson(string reason, int? index) =>
        Bad("invalid_json", $"The {(index is null ? "body" : "line")} is not JSON: {reason}", index);

    public static ProblemException NotUtf8() => Bad("invalid_json", "The body is not valid UTF-8. Encode it as UTF-8 without a byte order mark.", null);

    public static ProblemException NotAnEvent(int? index) =>
        Bad("invalid_event", "An event is an object: {\"type\":…,\"data\":{…}}. Send one, an array of them, or one a line as application/x-ndjson.", index);

    public static ProblemException Empty() => Bad("no_events", "The request holds no event. Send one, an array of them, or one a line as application/x-ndjson.", null);

    public static ProblemException Missing(string field, string expected, int? index) =>
        Bad("missing_field", $"'{field}' is missing; give {expected}.", index);

    public static ProblemException WrongForm(string field, string expected, int? index) =>
        Bad("invalid_field", $"'{field}' has the wrong form; give {expected}.", index);

    public static ProblemException TypesDisagree(string type, string dataType, int? index) =>
        Bad("type_mismatch", $"'type' is '{Shown(type)}' and 'data.type' is '{Shown(dataType)}'. Make them equal, or leave data.type out.", index);

    public static ProblemException UnknownType(string type, int? index) =>
        Bad("unknown_event_type", $"'{Shown(type)}' is not an event type that can be published. Use one of: {EventType.Names}.", index);

    public static ProblemException KeyLength(int bytes, int? index) =>
        Bad("invalid_field", $"'idempotency_key' has {bytes} bytes; give 1 to {PublishLimits.MaxIdempotencyKeyBytes}.", index);

    public static ProblemException EventTooLarge(int bytes, int? index) =>
        new(new Problem(413, "event_too_large", $"The event has {bytes} bytes as its envelope, and {PublishLimits.MaxEnvelopeBytes} are allowed. Send media by reference.") { Index = index });

    public static ProblemException TooManyEvents() =>
        new(new Problem(413, "too_many_events", $"More than {PublishLimits.MaxEvents} events in one request. Split it."));

    public static ProblemException BodyTooLarge(int maxBytes) =>
        new(new Problem(413, "body_too_large", $"The body has more than {maxBytes} bytes. Split the request."));

    public static ProblemException LogFull(string reason) =>
        new(new Problem(503, "log_full", reason) { RetryAfter = TimeSpan.FromSeconds(30) });

    public static ProblemException LogUnavailable(string reason) =>
        new(new Problem(503, "log_unavailable", reason) { RetryAfter = TimeSpan.FromSeconds(5) });

    private static ProblemException Bad(string code, string message, int? index) => new(new Problem(400, code, message) { Index = index });

    private static string Shown(string given) => given.Length <= 64 ? given : given[..64] + "…";
}
