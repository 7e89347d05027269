using VZaps.Gateway.Http;

namespace VZaps.Gateway.Delivery;

/// <summary>The refusals of the consumers' and the dead letters' routes.</summary>
internal static class ConsumerProblems
{
    public static Problem NotFound(string name) => new(404, "consumer_not_found",
        $"The instance has no consumer '{Shown(name)}'. GET /instances/{{id}}/consumers lists them; one is made by its first connection.");

    public static Problem Connected(string name, int connections) => new(409, "consumer_connected",
        $"Consumer '{name}' has {connections} live connection(s). Stop them first, or close them with force=true.");

    public static Problem StillConnected(string name) => new(409, "consumer_connected",
        $"The connections of consumer '{name}' were asked to close, and some have not ended yet. Try again.");

    public static Problem InvalidSeek { get; } = new(400, "invalid_seek",
        "Give one of: \"event_id\" (to go on after it), \"time\" as RFC 3339 (at or after it), \"to\": \"start\" or \"end\".");

    public static Problem InvalidForce { get; } = new(400, "invalid_force", "'force' is true or false.");

    public static Problem InvalidName { get; } = new(400, "invalid_consumer",
        $"A consumer's name has 1 to {ConsumerName.MaxLength} of a-z0-9._- and begins with a letter or digit; 'ephemeral' keeps nothing.");

    public static Problem LetterNotFound(string eventId, string consumer) => new(404, "dead_letter_not_found",
        $"{Shown(eventId)} is no dead letter of consumer '{consumer}'. It may have been acked or deleted.");

    private static string Shown(string given) => given.Length <= 64 ? given : given[..64] + "…";
}
