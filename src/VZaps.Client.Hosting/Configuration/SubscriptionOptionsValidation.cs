using Microsoft.Extensions.Options;

namespace VZaps.Client.Hosting.Configuration;

/// <summary>Says of each subscription all that is wrong, by its keys. Secrets are named, never shown.</summary>
internal sealed class SubscriptionOptionsValidation : IValidateOptions<VZapsSubscriptionOptions>
{
    public ValidateOptionsResult Validate(string? name, VZapsSubscriptionOptions options)
    {
        if (string.IsNullOrEmpty(name))
            return ValidateOptionsResult.Skip;
        var check = new KeyCheck($"VZaps:Subscriptions:{name}");
        if (options.Transport != EventTransport.Webhook)
        {
            check.Require(options.InstanceId.Length > 0, nameof(options.InstanceId), "is missing");
            check.Require(options.InstanceToken.Length > 0, nameof(options.InstanceToken), "is missing");
        }

        foreach (var type in options.Events.Where(type => !type.IsKnown && type != EventType.All))
            check.Require(false, nameof(options.Events), $"has '{type}', which is no event type; use one of: {EventType.Names}, All");
        check.Consumer(nameof(options.Consumer), options.Consumer);
        check.Require(options.MaxRetries is null or >= 0, nameof(options.MaxRetries), $"{options.MaxRetries} is out of range; give 0 or more");
        check.Range(nameof(options.RetryDelay), options.RetryDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(30));
        check.Range(nameof(options.MaxConcurrency), options.MaxConcurrency, 1, 1_024);
        check.Require(options.MaxLagEvents >= 0, nameof(options.MaxLagEvents), $"{options.MaxLagEvents} is out of range; give 0 or more");
        check.Require(options.MaxLagTime >= TimeSpan.Zero, nameof(options.MaxLagTime), $"{options.MaxLagTime} is out of range; give 0 or more");
        check.Range(nameof(options.HealthTimeout), options.HealthTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        if (options.Transport != EventTransport.Realtime)
            CheckWebhook(check, options);
        if (options.Transport == EventTransport.Both)
            CheckBoth(check, options);
        return check.Mistakes.Count > 0 ? ValidateOptionsResult.Fail(check.Mistakes) : ValidateOptionsResult.Success;
    }

    private static void CheckWebhook(KeyCheck check, VZapsSubscriptionOptions options)
    {
        check.Secrets(nameof(options.WebhookSecrets), options.WebhookSecrets);
        check.Require(
            options.WebhookTolerance > TimeSpan.Zero && options.WebhookTolerance <= TimeSpan.FromDays(1),
            nameof(options.WebhookTolerance), $"{options.WebhookTolerance} is out of range; give more than 0, up to 1.00:00:00");
        check.Range(nameof(options.WebhookMaxBodyBytes), options.WebhookMaxBodyBytes, 1_024, 67_108_864);
        check.Range(nameof(options.WebhookMaxUnheardHandlers), options.WebhookMaxUnheardHandlers, 1, 100_000);
        check.Range(nameof(options.WebhookMaxUnheardResults), options.WebhookMaxUnheardResults, 0, 1_000_000);
        check.Range(nameof(options.WebhookUnheardResultLifetime), options.WebhookUnheardResultLifetime, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
    }

    /// <summary>Every event comes by both ways: who has no memory of what came by the other handles all of them twice.</summary>
    private static void CheckBoth(KeyCheck check, VZapsSubscriptionOptions options)
    {
        try
        {
            check.Require(
                options.Request is { ProcessedEvents: not null }, nameof(options.Transport),
                "is Both, so each event comes twice, and no store of processed events is set, so each would be handled twice: "
                + "set ProcessedEvents by Customize (new InMemoryProcessedEventStore(), or one in your database)");
        }
        catch (Exception thrown)
        {
            check.Require(false, nameof(options.Customize), $"threw: {thrown.Message}");
        }
    }
}
