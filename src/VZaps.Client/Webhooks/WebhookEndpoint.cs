using System.Collections.ObjectModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VZaps;

/// <summary>One of an instance's endpoints, as the server described it.</summary>
public sealed record WebhookEndpoint
{
    /// <summary>Its name; <c>default</c> is the one of <see cref="VZapsWebhooks.GetAsync"/>.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>Where events are posted to; null for nowhere.</summary>
    public string? WebhookUrl { get; init; }

    /// <summary>The types that are posted.</summary>
    public IReadOnlyList<EventType> Events { get => field ?? []; init; }

    /// <summary>Whether they are posted.</summary>
    public bool Enabled { get; init; }

    /// <summary>What is posted, by the server's word: <c>data</c> or <c>envelope</c>.</summary>
    public string? Body { get; init; }

    /// <summary>The names of the headers that are sent along; their values are not shown.</summary>
    public IReadOnlyDictionary<string, string> Headers { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>In which order, by the server's word: <c>parallel</c>, or <c>chat</c>, where an event that fails holds back later ones of its chat.</summary>
    public string? Order { get; init; }

    /// <summary>The secret that signs the posts (<c>whsec_…</c>); null where the server gave none.</summary>
    public string? Secret { get; init; }

    /// <summary>How it does; null where the server did not say.</summary>
    public WebhookEndpointState? State { get; init; }

    /// <summary>When it was made; null where the server did not say.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>What else the server said, for servers newer than this library.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }

    /// <summary>All but the secret.</summary>
    public override string ToString() => $"{Name}: {WebhookUrl ?? "no URL"} ({string.Join(',', Events)})";
}

/// <summary>How an endpoint does.</summary>
public sealed record WebhookEndpointState
{
    /// <summary>By the server's word: <c>active</c>, <c>failing</c>, <c>disabled</c> or <c>no_url</c>.</summary>
    public string? Status { get; init; }

    /// <summary>Why it is disabled, by the server's word: <c>user</c>, <c>gone</c> (it answered 410) or <c>failing</c>; null while it is not.</summary>
    public string? DisabledReason { get; init; }

    /// <summary>Since when it is disabled; null while it is not.</summary>
    public DateTimeOffset? DisabledAt { get; init; }

    /// <summary>The first failure since the last success; null while it is well.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>When the server gives it up, unless it takes a post before; null while it is well.</summary>
    public DateTimeOffset? DisablesAt { get; init; }

    /// <summary>When it took a post last; null where it never did.</summary>
    public DateTimeOffset? LastSuccessAt { get; init; }

    /// <summary>Deliveries that are tried again, or wait for an earlier event of their chat.</summary>
    public long Pending { get; init; }

    /// <summary>Events that came while it was disabled: what enabling it delivers, unless <see cref="SetWebhookEndpointRequest.Replay"/> is false.</summary>
    public long Missed { get; init; }

    /// <summary>How old the oldest event is that it has not taken, as the time at which it was published; null where there is none.</summary>
    public DateTimeOffset? OldestUndeliveredAt { get; init; }

    /// <summary>What else the server said, for servers newer than this library.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }
}

/// <summary>How an endpoint is to be; what is null stays as it is, or as new endpoints have it.</summary>
public sealed record SetWebhookEndpointRequest
{
    /// <summary>The address, <c>http</c> or <c>https</c>; empty for none. One that leads into a private network is refused unless the operator allowed it.</summary>
    public string? WebhookUrl { get; init; }

    /// <summary>The types to post; none, or <see cref="EventType.All"/>, for those that the instance subscribes to.</summary>
    public IReadOnlyList<EventType>? Events { get; init; }

    /// <summary>Whether to post. Enabling goes on where it stood.</summary>
    public bool? Enabled { get; init; }

    /// <summary>False, to leave out what was missed while it was disabled.</summary>
    public bool? Replay { get; init; }

    /// <summary><c>data</c> or <c>envelope</c>.</summary>
    public string? Body { get; init; }

    /// <summary>What to send along; it replaces all that was set.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary><c>parallel</c> or <c>chat</c>.</summary>
    public string? Order { get; init; }

    /// <summary>Further fields, sent as they are, for servers newer than this library.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; set; }

    // Headers may hold a credential, which a record would print.
    /// <summary>The address and the types.</summary>
    public override string ToString() => $"{WebhookUrl} ({string.Join(',', Events ?? [])})";
}
