using VZaps.Gateway.Http;

namespace VZaps.Gateway.Realtime;

/// <summary>The refusals of a realtime handshake that are its own.</summary>
internal static class RealtimeProblems
{
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    public static Problem NotAWebSocket { get; } = new(426, "websocket_required",
        "This address speaks WebSocket alone. Open it with a WebSocket client (Upgrade: websocket).");

    public static Problem InstanceMissing { get; } = new(400, "missing_instance_id",
        "The query has no 'instance_id': VZ and 32 of A-Z0-9.");

    public static Problem InvalidInstance { get; } = new(400, "invalid_instance_id",
        "'instance_id' is not of the form VZ and 32 of A-Z0-9.");

    public static Problem InvalidConsumer { get; } = new(400, "invalid_consumer",
        $"A consumer's name has 1 to {ConsumerName.MaxLength} of a-z0-9._- and begins with a letter or digit.");

    public static Problem ConsumersDiffer { get; } = new(400, "invalid_consumer",
        "The path and the query name different consumers. Name it in one of them.");

    public static Problem TooManyOfInstance(int limit) => new(429, "too_many_connections",
        $"The instance has {limit} connections already (Limits:ConnectionsPerInstance). Close some.") { RetryAfter = RetryAfter };

    public static Problem TooManyOfAccount(int limit) => new(429, "too_many_connections",
        $"The account has {limit} connections already (Limits:ConnectionsPerAccount). Close some.") { RetryAfter = RetryAfter };

    public static Problem Revoked { get; } = new(401, "credential_revoked",
        "A credential of this request was rotated while it was being answered. Connect with the new one.");
}
