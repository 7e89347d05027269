using System.Text.Json.Serialization;
using Microsoft.Extensions.Primitives;
using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Webhooks;

/// <summary>The body that sets an endpoint: a field that is absent stays as it is.</summary>
internal record EndpointRequest
{
    /// <summary>Where events are posted to; null or empty for nowhere.</summary>
    [AlsoReadAs("webhookURL"), AlsoReadAs("url")]
    public string? WebhookUrl { get; set { field = value; UrlGiven = true; } }

    /// <summary>The types that are posted, as an array or comma-separated; none, or <c>All</c>, for those that the instance subscribes to.</summary>
    public EventNames? Events { get; init; }

    /// <summary>Whether events are posted.</summary>
    public bool? Enabled { get; init; }

    /// <summary><c>data</c> or <c>envelope</c>.</summary>
    public string? Body { get; init; }

    /// <summary>What is sent along; it replaces all that was set.</summary>
    public IReadOnlyDictionary<string, string?>? Headers { get; init; }

    /// <summary><c>parallel</c> or <c>chat</c>.</summary>
    public string? Order { get; init; }

    /// <summary>False to leave out what was missed, and go on at the log's end.</summary>
    public bool? Replay { get; init; }

    [JsonIgnore]
    public bool UrlGiven { get; private set; }

    /// <summary>The URL that is asked for; null for none.</summary>
    [JsonIgnore]
    public string? Url => string.IsNullOrWhiteSpace(WebhookUrl) ? null : WebhookUrl.Trim();

    /// <summary>What the settings become.</summary>
    /// <param name="known">As they are; of a new endpoint, its first ones.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ProblemException">400.</exception>
    public EndpointSettings Apply(EndpointSettings known, DateTimeOffset now)
    {
        var settings = known with
        {
            Url = UrlGiven ? Url : known.Url,
            Types = Events is { } events ? EventTypeFilter.Read(new StringValues([.. events.Names])) : known.Types,
            Body = Body is { } body ? ReadBody(body) : known.Body,
            Headers = Headers is { } headers ? EndpointHeaders.Read(headers, known.Headers) : known.Headers,
            Order = Order is { } order ? ReadOrder(order) : known.Order,
        };
        // Who sets the URL of an endpoint that the gateway gave up means it to be called.
        var isMended = Enabled is null && UrlGiven && settings.Url is not null && known.DisabledReason is DisabledReasons.Gone or DisabledReasons.Failing;
        if (Enabled is true || isMended)
            return settings with { IsEnabled = true, DisabledReason = null, DisabledAt = null };
        return Enabled is false && known.IsEnabled
            ? settings with { IsEnabled = false, DisabledReason = DisabledReasons.User, DisabledAt = now }
            : settings;
    }

    private static WebhookBodyKind ReadBody(string given) => given switch
    {
        "data" => WebhookBodyKind.Data,
        "envelope" => WebhookBodyKind.Envelope,
        _ => throw EndpointProblems.InvalidBody(given).ToException(),
    };

    private static WebhookOrder ReadOrder(string given) => given switch
    {
        "parallel" => WebhookOrder.Parallel,
        "chat" => WebhookOrder.Chat,
        _ => throw EndpointProblems.InvalidOrder(given).ToException(),
    };
}

/// <summary>The body that makes an endpoint.</summary>
internal sealed record NewEndpointRequest : EndpointRequest
{
    /// <summary>1 to 64 of <c>a-z0-9._-</c>.</summary>
    public string? Name { get; init; }
}
