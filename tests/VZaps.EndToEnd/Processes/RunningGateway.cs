using VZaps.EndToEnd.Clients;
using Xunit;

namespace VZaps.EndToEnd.Processes;

/// <summary>One gateway process for a class of tests, each with an instance of its own.</summary>
public sealed class RunningGateway : IAsyncLifetime
{
    internal GatewayProcess Process { get; } = new();

    internal GatewayApi Api { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await Process.StartAsync();
        Api = new GatewayApi(Process);
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await Process.DisposeAsync();
    }
}
