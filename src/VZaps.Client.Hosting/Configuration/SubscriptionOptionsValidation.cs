using Microsoft.Extensions.Options;

namespace VZaps.Client.Hosting.Configuration;

/// <summary>Says of each subscription all that is wrong, by its keys. Secrets are named, never shown.</summary>
internal sealed class SubscriptionOptionsValidation : IValidateOptions<VZapsSubscriptionOptions>
{
    public ValidateOptionsResult Validate(string? name, VZapsSubscriptionOptions options)
    {
        if (string.IsNullOrEmpty(name))
            return ValidateOptionsResult.Skip;
        var mistakes = new List<string>();
        if (options.Transport != EventTransport.Webhook)
        {
            Check(options.InstanceId.Length > 0, nameof(options.InstanceId), "is missing");
            Check(options.InstanceToken.Length > 0, nameof(options.InstanceToken), "is missing");
        }

        if (options.Transport != EventTransport.Realtime)
            Check(AreSecrets(options.WebhookSecrets, out var mistake), nameof(options.WebhookSecrets), mistake);
        foreach (var type in options.Events.Where(type => !type.IsKnown && type != EventType.All))
            mistakes.Add($"{Key(nameof(options.Events))} has '{type}', which is no event type; use one of: {EventType.Names}, All.");
        Check(options.MaxRetries is null or >= 0, nameof(options.MaxRetries), $"{options.MaxRetries} is out of range; give 0 or more");
        Check(
            options.RetryDelay >= TimeSpan.FromMilliseconds(1) && options.RetryDelay <= TimeSpan.FromSeconds(30),
            nameof(options.RetryDelay), $"{options.RetryDelay} is out of range; give 00:00:00.001 to 00:00:30");
        Check(options.MaxConcurrency is >= 1 and <= 1_024, nameof(options.MaxConcurrency), $"{options.MaxConcurrency} is out of range; give 1 to 1024");
        Check(options.MaxLagEvents >= 0, nameof(options.MaxLagEvents), $"{options.MaxLagEvents} is out of range; give 0 or more");
        Check(options.MaxLagTime >= TimeSpan.Zero, nameof(options.MaxLagTime), $"{options.MaxLagTime} is out of range; give 0 or more");
        Check(
            options.HealthTimeout >= TimeSpan.FromMilliseconds(100) && options.HealthTimeout <= TimeSpan.FromMinutes(1),
            nameof(options.HealthTimeout), $"{options.HealthTimeout} is out of range; give 00:00:00.1 to 00:01:00");
        return mistakes.Count > 0 ? ValidateOptionsResult.Fail(mistakes) : ValidateOptionsResult.Success;

        static bool AreSecrets(IList<string> secrets, out string mistake)
        {
            mistake = "is missing: give the secret of the endpoint, which begins with whsec_";
            if (secrets.Count == 0)
                return false;
            try
            {
                _ = new WebhookVerifier([.. secrets]);
                return true;
            }
            catch (ArgumentException)
            {
                mistake = "has what is no secret of an endpoint; give whsec_ and what follows, whole";
                return false;
            }
        }

        string Key(string key) => $"VZaps:Subscriptions:{name}:{key}";

        void Check(bool isRight, string key, string what)
        {
            if (!isRight)
                mistakes.Add($"{Key(key)} {what}.");
        }
    }
}
