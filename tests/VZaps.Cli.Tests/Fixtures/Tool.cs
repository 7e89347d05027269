using System.Collections.Concurrent;
using System.Diagnostics;

namespace VZaps.Cli.Tests.Fixtures;

/// <summary>The built tool as a process in pipes, without the settings of whoever runs the tests.</summary>
internal sealed class Tool : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly Process _process;

    private Tool(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(Output, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(Errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public ConcurrentQueue<string> Output { get; } = new();

    public ConcurrentQueue<string> Errors { get; } = new();

    public StreamWriter Input => _process.StandardInput;

    /// <summary>Standard error as one text.</summary>
    public string ErrorText => string.Join('\n', Errors);

    /// <summary>Starts it.</summary>
    /// <param name="environment">Variables beside the inherited ones.</param>
    /// <param name="arguments">The command line.</param>
    public static Tool Start(IReadOnlyDictionary<string, string>? environment, params string[] arguments) => Start(folder: null, environment, arguments);

    /// <summary>Runs it to its end without input, in a folder; the result is the exit code.</summary>
    public static async Task<(int ExitCode, Tool Tool)> RunInAsync(DirectoryInfo folder, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        var tool = Start(folder, environment, arguments);
        tool.Input.Close();
        return (await tool.WaitAsync(), tool);
    }

    private static Tool Start(DirectoryInfo? folder, IReadOnlyDictionary<string, string>? environment, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Library(), .. arguments])
        {
            UseShellExecute = false,
            WorkingDirectory = folder?.FullName ?? "",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("VZAPS_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        start.Environment["VZAPS_PROFILE_FILE"] = Path.Combine(AppContext.BaseDirectory, "no-such-profiles.json");
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return new Tool(Process.Start(start)!);
    }

    /// <summary>Runs it to its end without input; the result is the exit code.</summary>
    public static async Task<(int ExitCode, Tool Tool)> RunAsync(IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        var tool = Start(environment, arguments);
        tool.Input.Close();
        return (await tool.WaitAsync(), tool);
    }

    /// <summary>Waits for its end and all that it wrote; the result is the exit code.</summary>
    public async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>What Ctrl+C sends.</summary>
    public async Task InterruptAsync()
    {
        using var kill = Process.Start("kill", ["-INT", _process.Id.ToString()]);
        await kill.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
            lines.Enqueue(line);
    }

    private static string Library()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)); // …/tests/VZaps.Cli.Tests/bin/Release/net10.0
        var root = here.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, "src", "VZaps.Cli", "bin", here.Parent.Name, here.Name, "VZaps.Cli.dll");
    }
}
