using VZaps.Cli.Gateways;

namespace VZaps.Cli.Consumers;

/// <summary>The gateway's routes for an instance's consumers.</summary>
/// <remarks>Thread-safe. Every call throws a <see cref="VZapsException"/> where the gateway refuses or is not reached.</remarks>
internal sealed class ConsumersApi(InstanceApi api)
{
    /// <summary>All consumers.</summary>
    public Task<List<Consumer>> ListAsync(CancellationToken cancellationToken) =>
        api.SendAsync(HttpMethod.Get, "consumers", null, ConsumersJson.Default.ListConsumer, cancellationToken);

    /// <summary>Moves a consumer and gives its new state.</summary>
    /// <param name="name">Which.</param>
    /// <param name="seek">Where to.</param>
    /// <param name="force">Whether its live connections are closed for it; else they are a refusal.</param>
    /// <param name="cancellationToken">Ends the wait; it may have been moved.</param>
    public Task<Consumer> SeekAsync(string name, Seek seek, bool force, CancellationToken cancellationToken) => api.SendAsync(
        HttpMethod.Post,
        $"consumers/{Uri.EscapeDataString(name)}/seek{Query(force)}",
        ApiBody.Json(seek, ConsumersJson.Default.Seek),
        ConsumersJson.Default.Consumer,
        cancellationToken);

    /// <summary>Forgets a consumer, its position and its dead letters.</summary>
    /// <inheritdoc cref="SeekAsync"/>
    public Task<Forgotten> ForgetAsync(string name, bool force, CancellationToken cancellationToken) =>
        api.SendAsync(HttpMethod.Delete, $"consumers/{Uri.EscapeDataString(name)}{Query(force)}", null, ConsumersJson.Default.Forgotten, cancellationToken);

    private static string Query(bool force) => force ? "?force=true" : "";
}
