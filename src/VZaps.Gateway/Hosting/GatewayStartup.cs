using VZaps.Gateway.Accounts;
using VZaps.Gateway.Http;
using VZaps.Gateway.Instances;
using VZaps.Gateway.Storage;

namespace VZaps.Gateway.Hosting;

/// <summary>What has to be there before the first request: tables, the bootstrap account, accounts and instances in memory.
/// The first of the hosted services, so that the others find it done.</summary>
internal sealed class GatewayStartup(
    SchemaUpgrade schema,
    Bootstrap bootstrap,
    AccountDirectory accounts,
    InstanceDirectory instances,
    AccountChanges accountChanges,
    DrainState drain,
    IHostApplicationLifetime lifetime,
    IConfiguration configuration) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await schema.RunAsync(cancellationToken);
        await bootstrap.RunAsync(BootstrapPair.Read(configuration), cancellationToken);
        await accounts.RefreshAsync(cancellationToken);
        await instances.LoadAsync(cancellationToken);
        accountChanges.Listen();
        lifetime.ApplicationStopping.Register(drain.Begin);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>The operator's account in the configuration: both halves of it or none.</summary>
internal static class BootstrapPair
{
    private const int MaxLength = 256;

    /// <exception cref="InvalidConfigurationException">One half is missing, or cannot be a credential.</exception>
    public static AccountCredentials? Read(IConfiguration configuration)
    {
        var token = configuration[GatewayConfiguration.ClientTokenKey];
        var secret = configuration[GatewayConfiguration.ClientSecretKey];
        if (string.IsNullOrEmpty(token) && string.IsNullOrEmpty(secret))
            return null;
        if (string.IsNullOrEmpty(token) || string.IsNullOrEmpty(secret))
        {
            var (given, missing) = string.IsNullOrEmpty(token) ? ("VZAPS_CLIENT_SECRET", "VZAPS_CLIENT_TOKEN") : ("VZAPS_CLIENT_TOKEN", "VZAPS_CLIENT_SECRET");
            throw new InvalidConfigurationException([$"{given} is given without {missing}; give both, or neither."]);
        }

        // A token goes into headers and queries as it is. The values are not quoted: one of the two is a secret.
        var mistakes = new List<string>();
        if (!IsPlain(token))
            mistakes.Add($"VZAPS_CLIENT_TOKEN is not of the form of a token; give 1 to {MaxLength} visible ASCII characters without spaces.");
        if (!IsPlain(secret))
            mistakes.Add($"VZAPS_CLIENT_SECRET is not of the form of a secret; give 1 to {MaxLength} visible ASCII characters without spaces.");
        return mistakes.Count == 0 ? new AccountCredentials(token, secret) : throw new InvalidConfigurationException(mistakes);
    }

    private static bool IsPlain(string text) => text.Length <= MaxLength && text.All(character => character is > ' ' and < '\u007f');
}
