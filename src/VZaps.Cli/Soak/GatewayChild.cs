using System.Diagnostics;
using System.Reflection;
using VZaps.Gateway.Accounts;

namespace VZaps.Cli.Soak;

/// <summary>A gateway as a child process on loopback: killed without warning and started again on the same port and folder.</summary>
internal sealed class GatewayChild : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ReadyPause = TimeSpan.FromMilliseconds(50);

    private readonly string _folder;
    private readonly ChildLog _log = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private Process? _process;

    /// <param name="folder">Where it keeps everything.</param>
    public GatewayChild(string folder)
    {
        _folder = folder;
        Address = new Uri($"http://127.0.0.1:{LoopbackPort.Take()}");
    }

    public Uri Address { get; }

    public string ClientToken { get; } = Secret.NewPublic("vzc_");

    public string ClientSecret { get; } = Secret.New("vzs_");

    /// <summary>Starts it; completes when it is ready.</summary>
    /// <exception cref="IOException">It ended, or did not get ready.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _process = Process.Start(StartInfo()) ?? throw new IOException("The gateway's process could not be started.");
        _log.Follow(_process);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartLimit);
        try
        {
            while (!await IsReadyAsync(limit.Token))
                await Task.Delay(ReadyPause, limit.Token);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"The gateway was not ready after {StartLimit.TotalSeconds:0} s. Its last words:\n{_log}", late);
        }
    }

    /// <summary>SIGKILL: it gets no chance to save anything.</summary>
    public async Task KillAsync()
    {
        if (_process is null)
            return;
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _http.Dispose();
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        if (_process!.HasExited)
            throw new IOException($"The gateway ended with exit code {_process.ExitCode}. Its last words:\n{_log}");
        try
        {
            using var answer = await _http.GetAsync(new Uri(Address, "/health/ready"), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private ProcessStartInfo StartInfo()
    {
        var (program, arguments) = OwnProgram();
        var start = new ProcessStartInfo(
            program, [.. arguments, SoakGatewayCommand.Name, "--urls", Address.GetLeftPart(UriPartial.Authority), "--data-path", Path.Combine(_folder, "data")])
        {
            UseShellExecute = false,
            // Without the user's own appsettings.json.
            WorkingDirectory = _folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Nor with the settings of a gateway that the user runs.
        foreach (var name in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(IsSetting))
            start.Environment.Remove(name);
        start.Environment["VZAPS_CLIENT_TOKEN"] = ClientToken;
        start.Environment["VZAPS_CLIENT_SECRET"] = ClientSecret;
        start.Environment["VZAPS_Logging__LogLevel__Default"] = "Warning";
        // What retention removes would look like a loss: the slow consumer may be far behind.
        start.Environment["VZAPS_Log__InstanceRetentionBytes"] = (1L << 40).ToString();
        return start;
    }

    private static bool IsSetting(string name) =>
        name.StartsWith("VZAPS_", StringComparison.OrdinalIgnoreCase) || name.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("Kestrel__", StringComparison.OrdinalIgnoreCase);

    // 'vzaps' as an installed tool is its own program; under 'dotnet run' and in tests it is a library that 'dotnet' runs.
    private static (string Program, string[] Arguments) OwnProgram()
    {
        var host = Environment.ProcessPath ?? throw new IOException("This process does not know its own program.");
        return Path.GetFileNameWithoutExtension(host) == "dotnet" ? (host, [Assembly.GetExecutingAssembly().Location]) : (host, []);
    }
}
