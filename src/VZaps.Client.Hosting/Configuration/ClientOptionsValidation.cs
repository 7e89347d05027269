using Microsoft.Extensions.Options;
using VZaps.Client.Hosting.Subscriptions;

namespace VZaps.Client.Hosting.Configuration;

/// <summary>Checks the client's options as the client itself does: by making one, which sends nothing.</summary>
/// <remarks>A host that only takes webhooks needs no credentials: it calls nobody. Where it has some, they are checked all the same.</remarks>
internal sealed class ClientOptionsValidation(IEnumerable<SubscriptionMonitor> subscriptions, IOptionsMonitor<VZapsSubscriptionOptions> settings) : IValidateOptions<VZapsClientOptions>
{
    public ValidateOptionsResult Validate(string? name, VZapsClientOptions options)
    {
        if (options is { ClientToken: "", ClientSecret: "", GetTokenAsync: null } && OnlyWebhooks())
            return ValidateOptionsResult.Success;
        try
        {
            // Without a subscription its disposal has nothing to wait for.
            _ = new VZapsClient(options).DisposeAsync().AsTask();
            return ValidateOptionsResult.Success;
        }
        catch (ArgumentException wrong)
        {
            return ValidateOptionsResult.Fail($"VZaps: {wrong.Message}");
        }
    }

    private bool OnlyWebhooks() => subscriptions.Any() && subscriptions.All(subscription => settings.Get(subscription.Name).Transport == EventTransport.Webhook);
}
