using VZaps.Gateway.Http;

namespace VZaps.Gateway.Ingest.Sources;

/// <summary>Refusals that concern a source.</summary>
internal static class SourceProblems
{
    public static Problem UnknownKind(string given) => new(400, "unknown_source_kind",
        $"'{(given.Length <= 64 ? given : given[..64] + "…")}' is no kind of source. Use {SourceKind.Cloud} (WhatsApp Business Cloud API) or {SourceKind.WuzApi}.");

    public static Problem NotFound(string kind) => new(404, "source_not_found",
        $"This instance has no source '{kind}'. GET /instances/{{id}}/sources lists those it has.");

    public static Problem Invalid(string field, string expected) => new(400, "invalid_source", $"'{field}' is missing or has the wrong form; give {expected}.");

    public static Problem NumberTaken(string phoneNumberId, InstanceId instance) => new(409, "number_taken",
        $"The number {phoneNumberId} is that of instance {instance} already. Delete its source first.");

    public static Problem NotOfKind(string field, string kind) => new(400, "invalid_source", $"'{field}' is nothing that a source '{kind}' has; leave it out.");

    /// <summary>The same whether the source is not there or another's secret was given: ids can be tried, and tell nothing.</summary>
    public static Problem UnknownSender { get; } = new(404, "source_not_found",
        "There is no source at this URL. Copy the URL anew from GET /instances/{id}/sources; one of wuzapi without an HMAC key ends with its secret.");

    public static Problem WrongVerifyToken { get; } = new(403, "wrong_verify_token",
        "hub.mode is not 'subscribe', hub.challenge is missing, or hub.verify_token is not the one that the source was set with.");

    public static Problem WrongSignature(string header, string key) => new(401, "wrong_signature",
        $"The header {header} is missing, has the wrong form, or does not sign this body. Check that the source was set with the {key} of this sender.");

    public static Problem TooBusy { get; } = new(503, "too_many_bodies",
        "As many bodies as are allowed at once are being read, of all sources (Sources:MaxBodiesAtOnce) or of this one (Sources:MaxBodiesAtOncePerSource); send it again.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    public static Problem BodyTimeout(TimeSpan after) => new(408, "request_timeout",
        $"The body did not come within {after.TotalSeconds:0.###} s (Sources:BodyTimeout). Nothing was stored; send it again.");

    public static Problem BodyTooLarge(long maxBytes, string option) => new(413, "body_too_large",
        $"The body has more than {maxBytes:N0} bytes ({option}).");

    public static Problem KeptNotFound(long id) => new(404, "kept_payload_not_found", $"There is no kept payload {id}; it was mapped, deleted, or is older than Sources:KeptAge.");
}
