using System.Diagnostics.Metrics;
using VZaps.Gateway.Log;

namespace VZaps.Gateway.Delivery;

/// <summary>Puts the consumers into the container.</summary>
internal static class DeliveryRegistration
{
    public static IServiceCollection AddDelivery(this IServiceCollection services) => services
        .AddSingleton<ConsumerStore>()
        .AddSingleton<ConsumerDirectory>()
        .AddSingleton<DeadLetterStore>()
        .AddSingleton<DeadLetters>()
        .AddSingleton<DeliveryMetrics>()
        .AddSingleton(provider => new LagMetrics(
            provider.GetRequiredService<IMeterFactory>(),
            provider.GetRequiredService<ConsumerDirectory>(),
            provider.GetRequiredService<IEventLog>,
            provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<GapNotice>()
        .AddSingleton<EventLookup>()
        .AddSingleton<ConsumerAttachment>()
        .AddSingleton<ConsumerMove>()
        .AddSingleton<DeliverySweep>()
        .AddHostedService(provider => provider.GetRequiredService<DeliverySweep>())
        .AddSingleton<ConsumerRemoval>()
        .AddSingleton<ConsumerSaver>()
        .AddHostedService(provider => provider.GetRequiredService<ConsumerSaver>());
}
