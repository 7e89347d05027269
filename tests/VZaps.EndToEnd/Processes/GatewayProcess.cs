using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VZaps.EndToEnd.Processes;

/// <summary>
/// The gateway as its own process on a folder and a port of its own: it can be killed, and started again on what it left.
/// </summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private const int LowestPort = 20_000, HighestPort = 32_000;
    private static readonly HttpClient Http = new();
    private readonly StringBuilder _output = new();
    private readonly Dictionary<string, string?> _environment;
    private Process? _process;

    public GatewayProcess(params (string Name, string Value)[] environment)
    {
        Folder = Directory.CreateTempSubdirectory("vzaps-e2e-").FullName;
        BaseUrl = $"http://127.0.0.1:{FreePort()}";
        _environment = environment.ToDictionary(pair => pair.Name, string? (pair) => pair.Value);
        _environment["VZAPS_DATA_PATH"] = Folder;
        _environment["VZAPS_CLIENT_TOKEN"] = ClientToken;
        _environment["VZAPS_CLIENT_SECRET"] = ClientSecret;
    }

    public string Folder { get; }

    public string BaseUrl { get; }

    public string ClientToken { get; } = "ct_" + Guid.NewGuid().ToString("N");

    public string ClientSecret { get; } = "cs_" + Guid.NewGuid().ToString("N") + Guid.NewGuid().ToString("N");

    /// <summary>All that its processes wrote to standard output and error so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public int? ProcessId => _process?.Id;

    /// <summary>Starts it; returns when it is ready.</summary>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "VZaps.Gateway.dll"), "--urls", BaseUrl])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder,
        };
        foreach (var (name, value) in _environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Wait.UntilAsync(IsReadyAsync, "the gateway is ready");
    }

    /// <summary>SIGKILL: nothing of its own runs any more.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM; returns the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process!.Id.ToString()]);
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await KillAsync();
        _process?.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task<bool> IsReadyAsync()
    {
        if (_process!.HasExited)
            throw new InvalidOperationException($"The gateway ended with {_process.ExitCode}:\n{Output}");
        try
        {
            using var answer = await Http.GetAsync(new Uri(BaseUrl + "/health/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Keep(string? line)
    {
        lock (_output)
            _output.AppendLine(line);
    }

    /// <summary>A port that is free, below those that the system hands out to whoever connects: while a killed gateway is away, nobody is given its port.</summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(LowestPort, HighestPort);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }
}
