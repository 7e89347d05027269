namespace VZaps.Gateway.Webhooks;

/// <summary>An endpoint as its owner reads it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="WebhookUrl">Where events are posted to; null for nowhere.</param>
/// <param name="Events">The types that are posted.</param>
/// <param name="Enabled">Whether they are.</param>
/// <param name="Body"><c>data</c> or <c>envelope</c>.</param>
/// <param name="Headers">The names of what is sent along; the values are not shown.</param>
/// <param name="Order"><c>parallel</c> or <c>chat</c>.</param>
/// <param name="Secret">Signs the posts (<c>whsec_…</c>); null where there is no endpoint yet.</param>
/// <param name="State">How it does.</param>
/// <param name="CreatedAt">When it was made; null where there is no endpoint yet.</param>
internal sealed record EndpointAnswer(
    string Name,
    string? WebhookUrl,
    IReadOnlyList<string> Events,
    bool Enabled,
    string Body,
    IReadOnlyDictionary<string, string> Headers,
    string Order,
    string? Secret,
    EndpointStateAnswer State,
    DateTimeOffset? CreatedAt)
{
    // A record would print the secret.
    public override string ToString() => Name;
}

/// <summary>How an endpoint does.</summary>
/// <param name="Status"><c>active</c>, <c>failing</c> (no success since its last failure), <c>disabled</c>, or <c>no_url</c>.</param>
/// <param name="DisabledReason"><c>user</c>, <c>gone</c> (it answered 410) or <c>failing</c>; null while it is not disabled.</param>
/// <param name="DisabledAt">Since when.</param>
/// <param name="FailingSince">The first failure since the last success; null while it is well.</param>
/// <param name="DisablesAt">When it is disabled unless it takes a post before; null while it is well.</param>
/// <param name="LastSuccessAt">When it took a post last.</param>
/// <param name="Pending">Deliveries that are tried again, or wait for an earlier event of their chat.</param>
/// <param name="Missed">Events that came while it was disabled: what enabling it delivers, unless <c>replay</c> is false.</param>
/// <param name="OldestUndeliveredAt">When the oldest event that it has not taken was appended; null where there is none.</param>
internal sealed record EndpointStateAnswer(
    string Status,
    string? DisabledReason,
    DateTimeOffset? DisabledAt,
    DateTimeOffset? FailingSince,
    DateTimeOffset? DisablesAt,
    DateTimeOffset? LastSuccessAt,
    int Pending,
    long Missed,
    DateTimeOffset? OldestUndeliveredAt);

/// <summary>An endpoint that is gone.</summary>
/// <param name="Name">Its name, which is free again.</param>
/// <param name="Deleted">True.</param>
/// <param name="Cancelled">Deliveries that were pending and are cancelled.</param>
internal sealed record DeletedEndpointAnswer(string Name, bool Deleted, int Cancelled);
