namespace VZaps.Gateway.Outbound;

/// <summary>Puts the guard of outgoing calls into the container.</summary>
internal static class OutboundRegistration
{
    /// <param name="services">The container.</param>
    /// <param name="allowedNetworks">The operator's list, read when the first call is made.</param>
    public static IServiceCollection AddOutbound(this IServiceCollection services, Func<IServiceProvider, IReadOnlyList<string>> allowedNetworks) => services
        .AddSingleton(provider => new AllowedNetworks(allowedNetworks(provider)))
        .AddSingleton<AddressGuard>()
        .AddSingleton<IHostResolver>(provider => new SystemHostResolver(provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<CheckedHosts>()
        .AddSingleton<GuardedConnect>()
        .AddSingleton<OutboundUrl>();
}
