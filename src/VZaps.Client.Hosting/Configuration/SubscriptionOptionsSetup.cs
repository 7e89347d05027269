using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace VZaps.Client.Hosting.Configuration;

/// <summary>A subscription's options out of the section of its name.</summary>
internal sealed class SubscriptionOptionsSetup(IConfiguration subscriptions) : IConfigureNamedOptions<VZapsSubscriptionOptions>
{
    public void Configure(VZapsSubscriptionOptions options) => Configure(Options.DefaultName, options);

    public void Configure(string? name, VZapsSubscriptionOptions options)
    {
        if (string.IsNullOrEmpty(name))
            return;
        var read = new SectionReader(subscriptions.GetSection(name));
        read.Choice<EventTransport>(nameof(options.Transport), value => options.Transport = value);
        foreach (var secret in read.List(nameof(options.WebhookSecrets)))
            options.WebhookSecrets.Add(secret);
        read.Time(nameof(options.WebhookTolerance), value => options.WebhookTolerance = value);
        read.Number(nameof(options.WebhookMaxBodyBytes), value => options.WebhookMaxBodyBytes = value);
        read.Number(nameof(options.WebhookMaxUnheardHandlers), value => options.WebhookMaxUnheardHandlers = value);
        read.Number(nameof(options.WebhookMaxUnheardResults), value => options.WebhookMaxUnheardResults = value);
        read.Time(nameof(options.WebhookUnheardResultLifetime), value => options.WebhookUnheardResultLifetime = value);
        read.Text(nameof(options.InstanceId), value => options.InstanceId = value);
        read.Text(nameof(options.InstanceToken), value => options.InstanceToken = value);
        foreach (var type in read.List(nameof(options.Events)))
            options.Events.Add(EventType.Parse(type));
        read.Text(nameof(options.Consumer), value => options.Consumer = value);
        read.Number(nameof(options.MaxRetries), value => options.MaxRetries = value);
        read.Time(nameof(options.RetryDelay), value => options.RetryDelay = value);
        read.Number(nameof(options.MaxConcurrency), value => options.MaxConcurrency = value);
        read.Number(nameof(options.MaxLagEvents), value => options.MaxLagEvents = value);
        read.Time(nameof(options.MaxLagTime), value => options.MaxLagTime = value);
        read.Time(nameof(options.HealthTimeout), value => options.HealthTimeout = value);
    }
}
