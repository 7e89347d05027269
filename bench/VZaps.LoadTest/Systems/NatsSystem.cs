using System.Diagnostics;
using System.Net.Sockets;
using VZaps.LoadTest.Wire;

namespace VZaps.LoadTest.Systems;

/// <summary>JetStream with file storage, as its server comes or with a sync for each write.</summary>
/// <param name="folder">Where it stores; null for the temporary folder.</param>
/// <param name="syncsAlways">Whether each write is synced, in place of every two minutes.</param>
internal sealed class NatsSystem(string? folder, bool syncsAlways) : ISystem
{
    private const string Program = "nats-server";
    private static readonly Version FirstWithSyncInterval = new(2, 10);
    private static readonly Lazy<Version?> Installed = new(FindVersion);

    public string Name => syncsAlways ? "nats-sync" : "nats";

    public string? Missing
    {
        get
        {
            if (Installed.Value is not { } version)
                return "nats-server is not installed: apt-get install nats-server.";
            return syncsAlways && version < FirstWithSyncInterval
                ? $"nats-server {version} has no sync_interval; {FirstWithSyncInterval} and later have." : null;
        }
    }

    public async Task<IServer> StartAsync(ServerNeeds needs)
    {
        var process = ServerProcess.Start(folder, Program, (own, endpoint) =>
        {
            var configuration = Path.Combine(own, "nats.conf");
            var sync = syncsAlways ? "sync_interval: always" : "";
            File.WriteAllText(configuration, $"listen: \"{endpoint}\"\njetstream {{\n store_dir: \"{own}\"\n max_file_store: 20GB\n {sync}\n}}\n");
            return ["-c", configuration];
        });
        await process.WaitUntilAsync(() => IsReadyAsync(process));
        await NatsSession.RequestAsync(
            process.Endpoint, $"$JS.API.STREAM.CREATE.{NatsServer.Stream}",
            $$"""{"name":"{{NatsServer.Stream}}","subjects":["{{NatsServer.SubjectOf(0)[..^1]}}*"],"storage":"file","retention":"limits"}""");
        return new NatsServer(process, needs.Instances);
    }

    private static async Task<bool> IsReadyAsync(ServerProcess process)
    {
        try
        {
            using var connection = await NatsSession.OpenAsync(process.Endpoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static Version? FindVersion()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(Program, "--version") { UseShellExecute = false, RedirectStandardOutput = true })!;
            var text = process.StandardOutput.ReadToEnd(); // nats-server: v2.9.10
            process.WaitForExit();
            return Version.TryParse(text[(text.LastIndexOf('v') + 1)..].Split('-')[0].Trim(), out var version) ? version : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
