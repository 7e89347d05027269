using VZaps.Gateway.Http;

namespace VZaps.Gateway.Webhooks;

/// <summary>The refusals of the endpoints' routes. A header's value is never among what they quote.</summary>
internal static class EndpointProblems
{
    public static Problem NotFound(string name) => new(404, "webhook_not_found",
        $"The instance has no webhook endpoint '{Shown(name)}'. GET /instances/{{id}}/webhooks lists those it has.");

    public static Problem InvalidName { get; } = new(400, "invalid_webhook_name",
        $"An endpoint's name has 1 to {ConsumerName.MaxLength} of a-z0-9._- and begins with a letter or digit.");

    public static Problem Exists(string name) => new(409, "webhook_exists",
        $"The instance has an endpoint '{name}' already. POST /instances/{{id}}/webhooks/{name} changes it.");

    public static Problem TooMany(int most) => new(400, "too_many_webhooks",
        $"The instance has {most} endpoints already (Limits:WebhooksPerInstance). Use one of them, or delete one.");

    public static Problem InvalidBody(string given) => new(400, "invalid_webhook_body", $"'body' is '{Shown(given)}'; give data or envelope.");

    public static Problem InvalidOrder(string given) => new(400, "invalid_webhook_order", $"'order' is '{Shown(given)}'; give parallel or chat.");

    public static Problem InvalidHeaders(string what) => new(400, "invalid_webhook_headers", $"'headers' cannot be sent: {what}.");

    public static Problem NoUrl(string name) => new(409, "webhook_without_url",
        $"Endpoint '{name}' has no URL to post to. Set one: POST /instances/{{id}}/webhooks/{name} with \"webhook_url\".");

    public static string Shown(string given) => given.Length <= 64 ? given : given[..64] + "…";
}
