using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json;

namespace VZaps.LoadTest;

/// <summary>A gateway process on loopback with one instance, and what the system says of it.</summary>
internal sealed class GatewayUnderTest : IAsyncDisposable
{
    private const string ClientToken = "vzc_LoadTest", ClientSecret = "vzs_LoadTestLoadTestLoadTestLoadTest";
    private const int LowestPort = 20_000, HighestPort = 32_000;
    private readonly ProcessStartInfo _start;
    private Process _process;

    private GatewayUnderTest(ProcessStartInfo start, HttpClient http)
    {
        (_start, _process, Http) = (start, Launch(start), http);
    }

    public HttpClient Http { get; }

    public string InstanceId { get; private set; } = "";

    public string InstanceToken { get; private set; } = "";

    /// <summary>Resident memory now, in MiB.</summary>
    public double ResidentMiB => StatusKiB("VmRSS:") / 1024.0;

    /// <summary>The most resident memory since <see cref="ForgetPeak"/>, in MiB.</summary>
    public double PeakMiB => StatusKiB("VmHWM:") / 1024.0;

    /// <summary>CPU time that the process has used.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<GatewayUnderTest> StartAsync(params (string Name, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("vzaps-load-").FullName;
        var address = $"http://127.0.0.1:{FreePort()}";
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "VZaps.Gateway.dll"), "--urls", address])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            WorkingDirectory = folder,
        };
        start.Environment["VZAPS_DATA_PATH"] = folder;
        start.Environment["VZAPS_CLIENT_TOKEN"] = ClientToken;
        start.Environment["VZAPS_CLIENT_SECRET"] = ClientSecret;
        foreach (var (name, value) in settings)
            start.Environment["VZAPS_" + name.Replace(":", "__", StringComparison.Ordinal)] = value;
        var gateway = new GatewayUnderTest(start, new HttpClient { BaseAddress = new Uri(address) });
        await gateway.WaitUntilReadyAsync();
        await gateway.SignInAsync();
        (gateway.InstanceId, gateway.InstanceToken) = await gateway.CreateAsync("load test");
        return gateway;
    }

    /// <summary>SIGKILL: nothing of its own runs any more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Starts a killed one on what it left; completes when it is ready.</summary>
    public Task StartAgainAsync()
    {
        _process = Launch(_start);
        return WaitUntilReadyAsync();
    }

    /// <summary>Makes another instance; its id.</summary>
    public async Task<string> CreateInstanceAsync(string name) => (await CreateAsync(name)).Id;

    /// <summary>The peak counts from now on.</summary>
    public void ForgetPeak() => File.WriteAllText($"/proc/{_process.Id}/clear_refs", "5");

    public async Task<ClientWebSocket> ConnectAsync(string consumer, bool extended)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("X-Instance-Token", InstanceToken);
        socket.Options.SetRequestHeader("X-Client-Token", ClientToken);
        if (extended)
            socket.Options.AddSubProtocol("vzaps.ext.1");
        var address = Http.BaseAddress!.ToString().Replace("http", "ws", StringComparison.Ordinal);
        await socket.ConnectAsync(new Uri($"{address}events/ws?instance_id={InstanceId}&consumer={consumer}"), CancellationToken.None);
        return socket;
    }

    /// <summary>Makes a consumer that stands at the log's end.</summary>
    public async Task MakeConsumerAsync(string name)
    {
        using var socket = await ConnectAsync(name, extended: false);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    /// <summary>Publishes a body of lines.</summary>
    public async Task PublishAsync(ReadOnlyMemory<byte> lines)
    {
        using var content = new ReadOnlyMemoryContent(lines);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        using var answer = await Http.PostAsync(new Uri($"/instances/{InstanceId}/events", UriKind.Relative), content);
        if (answer.StatusCode != HttpStatusCode.Accepted)
            throw new HttpRequestException($"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await KillAsync();
        Directory.Delete(_start.WorkingDirectory, recursive: true);
    }

    private static Process Launch(ProcessStartInfo start)
    {
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private async Task WaitUntilReadyAsync()
    {
        while (!await IsReadyAsync())
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"The gateway ended with exit code {_process.ExitCode}.");
            await Task.Delay(50);
        }
    }

    private async Task SignInAsync()
    {
        using var signedIn = await Http.PostAsJsonAsync("/token", new { client_token = ClientToken, client_secret = ClientSecret });
        var token = (await signedIn.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("access_token").GetString();
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    private async Task<(string Id, string Token)> CreateAsync(string name)
    {
        using var made = await Http.PutAsJsonAsync("/instances/create", new { name });
        made.EnsureSuccessStatusCode();
        var instance = await made.Content.ReadFromJsonAsync<JsonElement>();
        return (instance.GetProperty("id").GetString()!, instance.GetProperty("token").GetString()!);
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri("/health/ready", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private long StatusKiB(string name) => File.ReadLines($"/proc/{_process.Id}/status")
        .Where(line => line.StartsWith(name, StringComparison.Ordinal))
        .Select(line => long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture))
        .Single();

    // Below those that the system hands out to whoever connects: while a killed gateway is away, a client could be given its port.
    private static int FreePort()
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
