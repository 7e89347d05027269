using System.Collections.Concurrent;
using System.Diagnostics;
using VZaps.EndToEnd.Clients;

namespace VZaps.EndToEnd.Processes;

/// <summary>An example of the docs as its own process.</summary>
internal sealed class ExampleProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ExampleProcess(Process process) => _process = process;

    /// <summary>What it wrote to standard output and error, line by line.</summary>
    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>Where the repository is.</summary>
    public static string Root
    {
        get
        {
            var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)); // …/tests/VZaps.EndToEnd/bin/Release/net10.0
            return here.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        }
    }

    /// <summary>Starts an example where it was built: here its libraries are not beside it.</summary>
    /// <param name="name">Its folder.</param>
    /// <param name="environment">Its settings.</param>
    /// <param name="arguments">Its arguments.</param>
    public static ExampleProcess Start(string name, IEnumerable<(string Name, string Value)> environment, params string[] arguments)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var program = Path.Combine(Root, "examples", name, "bin", here.Parent!.Name, here.Name, name + ".dll");
        return StartProgram("dotnet", [program, .. arguments], environment);
    }

    /// <summary>Starts a program.</summary>
    public static ExampleProcess StartProgram(string program, IReadOnlyList<string> arguments, IEnumerable<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var example = new ExampleProcess(Process.Start(start)!);
        example._process.OutputDataReceived += (_, line) => example.Keep(line.Data);
        example._process.ErrorDataReceived += (_, line) => example.Keep(line.Data);
        example._process.BeginOutputReadLine();
        example._process.BeginErrorReadLine();
        return example;
    }

    /// <summary>What the plain examples read of the environment.</summary>
    public static IEnumerable<(string Name, string Value)> PlainSettings(GatewayProcess gateway, TestInstance instance) =>
    [
        ("VZAPS_BASE_URL", gateway.BaseUrl),
        ("VZAPS_CLIENT_TOKEN", gateway.ClientToken),
        ("VZAPS_CLIENT_SECRET", gateway.ClientSecret),
        ("VZAPS_INSTANCE_ID", instance.Id),
        ("VZAPS_INSTANCE_TOKEN", instance.Token),
    ];

    /// <summary>What the examples in a host read of it.</summary>
    public static IEnumerable<(string Name, string Value)> HostSettings(GatewayProcess gateway, TestInstance instance) =>
    [
        ("VZaps__BaseUrl", gateway.BaseUrl),
        ("VZaps__ClientToken", gateway.ClientToken),
        ("VZaps__ClientSecret", gateway.ClientSecret),
        ("VZaps__Subscriptions__phone__InstanceId", instance.Id),
        ("VZaps__Subscriptions__phone__InstanceToken", instance.Token),
    ];

    public Task SeesAsync(string text) => Wait.UntilAsync(
        () => Has(text) || (_process.HasExited ? throw new InvalidOperationException($"It ended with {_process.ExitCode}:\n{string.Join('\n', Lines)}") : false),
        $"the example shows '{text}'; it shows:\n{string.Join('\n', Lines)}");

    public bool Has(string text) => Lines.Any(line => line.Contains(text, StringComparison.OrdinalIgnoreCase));

    /// <summary>Sends a signal, <c>INT</c> or <c>TERM</c>, and waits for the end; the exit code.</summary>
    public async Task<int> StopAsync(string signal)
    {
        await SignalAsync(signal);
        return await EndsAsync();
    }

    /// <summary>Sends a signal and returns when it was sent.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString()]);
        await kill.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
    }

    /// <summary>Waits for it to end by itself; the exit code.</summary>
    public async Task<int> EndsAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null)
            Lines.Enqueue(line);
    }
}
