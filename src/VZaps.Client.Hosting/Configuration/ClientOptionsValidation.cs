using Microsoft.Extensions.Options;
using VZaps.Client.Hosting.Subscriptions;

namespace VZaps.Client.Hosting.Configuration;

/// <summary>Checks the client's options as the client itself does: by making one, which sends nothing.</summary>
/// <remarks>A host that only takes webhooks needs no credentials: it calls nobody. Where it has some, they are checked all the same; where not, what webhooks use of the options is.</remarks>
internal sealed class ClientOptionsValidation(IEnumerable<SubscriptionMonitor> subscriptions, IOptionsMonitor<VZapsSubscriptionOptions> settings) : IValidateOptions<VZapsClientOptions>
{
    public ValidateOptionsResult Validate(string? name, VZapsClientOptions options)
    {
        var isCalled = options.HasCredentials() || !OnlyWebhooks();
        try
        {
            // Without a subscription its disposal has nothing to wait for.
            _ = new VZapsClient(isCalled ? options : OfWebhooks(options)).DisposeAsync().AsTask();
            return ValidateOptionsResult.Success;
        }
        catch (ArgumentException wrong)
        {
            return ValidateOptionsResult.Fail($"VZaps: {wrong.Message}");
        }
    }

    private static VZapsClientOptions OfWebhooks(VZapsClientOptions options) => new()
    {
        ClientToken = "none",
        ClientSecret = "none",
        BaseUrl = options.BaseUrl,
        RealtimeUrl = options.RealtimeUrl,
        Consumer = options.Consumer,
        CloseTimeout = options.CloseTimeout,
        MaxHandlerTime = options.MaxHandlerTime,
        TimeProvider = options.TimeProvider,
    };

    private bool OnlyWebhooks() => subscriptions.Any() && subscriptions.All(subscription => settings.Get(subscription.Name).Transport == EventTransport.Webhook);
}
