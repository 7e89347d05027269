using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VZaps.Client.Hosting.Configuration;
using VZaps.Client.Hosting.Subscriptions;

namespace VZaps;

/// <summary>Puts a VZaps client and its event handlers into a host.</summary>
public static class VZapsServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="VZapsClient"/> that is made of the configuration, with the host's logging, and with its <see cref="TimeProvider"/> where that is a service.
    /// Everything is checked when the host starts: a bad value stops it, with its key.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">Its section <c>VZaps</c> is read, where it has one, else itself: the properties of <see cref="VZapsClientOptions"/>, and <c>Subscriptions</c> with a section a name.</param>
    /// <returns>Adds handlers.</returns>
    public static VZapsBuilder AddVZaps(this IServiceCollection services, IConfiguration configuration) => AddVZaps(services, configuration, null);

    /// <summary>Adds a client, and sets its options in code after the configuration.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">Its section <c>VZaps</c> is read, where it has one, else itself.</param>
    /// <param name="configure">Sets what code sets: a secret from a vault, a handler for proxies.</param>
    /// <returns>Adds handlers.</returns>
    public static VZapsBuilder AddVZaps(this IServiceCollection services, IConfiguration configuration, Action<VZapsClientOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        var section = configuration.GetSection("VZaps") is { } own && own.Exists() ? own : configuration;
        services.AddOptions<VZapsClientOptions>().ValidateOnStart();
        services.AddSingleton<IConfigureOptions<VZapsClientOptions>>(provider => new ClientOptionsSetup(
            section, configure, provider.GetService<ILoggerFactory>(), provider.GetService<TimeProvider>()));
        services.AddSingleton<IConfigureOptions<VZapsSubscriptionOptions>>(new SubscriptionOptionsSetup(section.GetSection("Subscriptions")));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<VZapsClientOptions>, ClientOptionsValidation>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<VZapsSubscriptionOptions>, SubscriptionOptionsValidation>());
        services.TryAddSingleton(provider => new VZapsClient(provider.GetRequiredService<IOptions<VZapsClientOptions>>().Value));
        if (services.All(service => service.ServiceType != typeof(WebhookReceivers)))
        {
            services.AddSingleton(provider => new WebhookReceivers(provider.GetService<IHostApplicationLifetime>()));
            services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<WebhookReceivers>());
        }

        services.TryAddSingleton(provider => new VZapsSubscriptions(provider.GetServices<SubscriptionMonitor>()));
        return new VZapsBuilder(services);
    }
}
