namespace VZaps.Gateway.Instances;

/// <summary>Puts the instances into the container.</summary>
internal static class InstanceRegistration
{
    public static IServiceCollection AddInstances(this IServiceCollection services) => services
        .AddSingleton<Revocations>()
        .AddSingleton<InstanceDirectory>()
        .AddSingleton<InstanceAuthorization>()
        .AddSingleton<AccountChanges>()
        .AddHostedService<ConnectionStateSaver>();
}
