using System.Text.Json.Serialization;
using VZaps.Gateway.Http;

namespace VZaps.Gateway.Instances;

/// <summary>The body of <c>PUT /instances/create</c>.</summary>
internal sealed record CreateInstanceRequest
{
    public string? Name { get; init; }

    [AlsoReadAs("webhook_url"), AlsoReadAs("webhookUrl"), AlsoReadAs("webhookURL")]
    public string? Webhook { get; init; }

    public EventNames? EventsSubscribe { get; init; }

    public IReadOnlyDictionary<string, string?>? Labels { get; init; }

    /// <summary>The instance that is asked for, without its token.</summary>
    /// <exception cref="ProblemException">400.</exception>
    public Instance ToInstance() => new()
    {
        Id = InstanceId.New(),
        Owner = "",
        Name = InstanceRules.Name(Name),
        Webhook = InstanceRules.Webhook(Webhook),
        SubscribedEvents = EventsSubscribe?.ToSet() ?? EventTypeSet.All,
        Labels = InstanceRules.Labels(Labels),
        TokenHash = [],
    };
}

/// <summary>The body of <c>PATCH /instances/{id}</c>: a field that is absent stays as it is, one that is null goes back to its default.</summary>
internal sealed record UpdateInstanceRequest
{
    public string? Name { get; set { field = value; NameGiven = true; } }

    [AlsoReadAs("webhook_url"), AlsoReadAs("webhookUrl"), AlsoReadAs("webhookURL")]
    public string? Webhook { get; set { field = value; WebhookGiven = true; } }

    public EventNames? EventsSubscribe { get; set { field = value; EventsGiven = true; } }

    public IReadOnlyDictionary<string, string?>? Labels { get; set { field = value; LabelsGiven = true; } }

    [JsonIgnore]
    public bool NameGiven { get; private set; }

    [JsonIgnore]
    public bool WebhookGiven { get; private set; }

    [JsonIgnore]
    public bool EventsGiven { get; private set; }

    [JsonIgnore]
    public bool LabelsGiven { get; private set; }

    /// <summary>The change that is asked for.</summary>
    /// <exception cref="ProblemException">400.</exception>
    public Func<Instance, Instance> ToChange()
    {
        var name = NameGiven ? InstanceRules.Name(Name) : null;
        var webhook = InstanceRules.Webhook(Webhook);
        var events = EventsSubscribe?.ToSet() ?? EventTypeSet.All;
        var labels = InstanceRules.Labels(Labels);
        return instance => instance with
        {
            Name = name ?? instance.Name,
            Webhook = WebhookGiven ? webhook : instance.Webhook,
            SubscribedEvents = EventsGiven ? events : instance.SubscribedEvents,
            Labels = LabelsGiven ? labels : instance.Labels,
        };
    }
}

/// <summary>The body of <c>POST /instances/get</c>.</summary>
internal sealed record GetInstanceRequest
{
    [AlsoReadAs("instance_id"), AlsoReadAs("instanceId")]
    public string? Id { get; init; }
}
