using System.Text.Json.Serialization;
using Microsoft.Extensions.Primitives;
using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Log;
using VZaps.Gateway.Outbound;

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
        if (Enabled is true || IsMended(known, settings))
            settings = settings with { IsEnabled = true, DisabledReason = null, DisabledAt = null };
        else if (IsDisabling(known))
            settings = settings with { IsEnabled = false, DisabledReason = DisabledReasons.User, DisabledAt = now };
        return settings.IsEnabled ? WithMarkOfUrl(known, settings, now) : settings;
    }

    /// <summary>Remembers that there was a URL: what comes from then on is missed, as while it is disabled.</summary>
    private static EndpointSettings WithMarkOfUrl(EndpointSettings known, EndpointSettings settings, DateTimeOffset now)
    {
        if (settings.Url is not null)
            return settings with { DisabledReason = null, DisabledAt = null };
        var hadOne = known.Url is not null || known.DisabledReason is not null;
        return hadOne ? settings with { DisabledReason = DisabledReasons.UrlTaken, DisabledAt = known.DisabledAt ?? now } : settings;
    }

    /// <summary>Refuses what is wrong with the request whatever the endpoint is.</summary>
    /// <exception cref="ProblemException">400.</exception>
    public void RequireForm()
    {
        if (Url is { } url)
            OutboundUrl.Parse(url);
        Apply(new EndpointSettings { Secret = WebhookSecret.New() }, default);
    }

    /// <summary>
    /// Who sets the URL of an endpoint that the gateway gave up means it to be called. So does who sets another one beside <c>"enabled": false</c>: that is what
    /// the endpoint's answer said, and whoever changes a field of it and sends it back says nothing by it.
    /// </summary>
    private bool IsMended(EndpointSettings known, EndpointSettings settings) =>
        known.IsGivenUp && UrlGiven && settings.Url is not null && (Enabled is null || settings.Url != known.Url);

    /// <summary>Whether the user disables it: one that runs, or, by saying that and nothing of its URL, one that the gateway gave up.</summary>
    private bool IsDisabling(EndpointSettings known) => Enabled is false && (known.IsEnabled || (known.IsGivenUp && !UrlGiven));

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
