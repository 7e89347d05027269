using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace VZaps.LoadTest.Systems;

/// <summary>A process under measure, with a folder of its own, and what the system says of it.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const double ClockTicksPerSecond = 100; // USER_HZ, the same on every Linux that .NET runs on
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private readonly Process _process;

    private ServerProcess(Process process, string folder, IPEndPoint endpoint) => (_process, Folder, Endpoint) = (process, folder, endpoint);

    public string Folder { get; }

    public IPEndPoint Endpoint { get; }

    /// <summary>CPU time that it has used, of user and kernel.</summary>
    public TimeSpan Cpu => CpuOf(_process.Id);

    /// <summary>CPU time that this program has used.</summary>
    public static TimeSpan OwnCpu => CpuOf(Environment.ProcessId);

    /// <summary>Resident memory now, in bytes.</summary>
    public long ResidentBytes => StatusKiB("VmRSS:") << 10;

    /// <summary>The most resident memory since <see cref="ForgetPeak"/>, in bytes.</summary>
    public long PeakBytes => StatusKiB("VmHWM:") << 10;

    /// <param name="parent">The folder in which it gets its own.</param>
    /// <param name="fileName">The program.</param>
    /// <param name="arguments">Made of its folder and its endpoint.</param>
    /// <param name="environment">Set for it.</param>
    public static ServerProcess Start(
        string? parent, string fileName, Func<string, IPEndPoint, IEnumerable<string>> arguments, Func<string, IEnumerable<(string Name, string Value)>>? environment = null)
    {
        var folder = Directory.CreateDirectory(Path.Combine(parent ?? Path.GetTempPath(), $"vzaps-load-{Guid.NewGuid():N}")).FullName;
        var endpoint = FreeEndpoint();
        var start = new ProcessStartInfo(fileName, arguments(folder, endpoint))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        // That is how this program wants its sockets, and no setting of what is measured.
        start.Environment.Remove(InlineSockets.Variable);
        foreach (var (name, value) in environment?.Invoke(folder) ?? [])
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        var log = new LastLines();
        process.OutputDataReceived += (_, line) => log.Add(line.Data);
        process.ErrorDataReceived += (_, line) => log.Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ServerProcess(process, folder, endpoint) { Log = log };
    }

    /// <summary>What it wrote last.</summary>
    public required LastLines Log { get; init; }

    /// <summary>Waits until it says that it is ready.</summary>
    public async Task WaitUntilAsync(Func<Task<bool>> isReady)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await isReady())
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(began) > StartLimit)
                throw new InvalidOperationException($"The server did not start: {Log}");
            await Task.Delay(20);
        }
    }

    /// <summary>The peak counts from now on.</summary>
    public void ForgetPeak() => File.WriteAllText($"/proc/{_process.Id}/clear_refs", "5");

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private long StatusKiB(string name) => File.ReadLines($"/proc/{_process.Id}/status")
        .Where(line => line.StartsWith(name, StringComparison.Ordinal))
        .Select(line => long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture))
        .Single();

    private static TimeSpan CpuOf(int process)
    {
        // The name in parentheses may have spaces; user and kernel time are the 12th and 13th field behind it.
        var stat = File.ReadAllText($"/proc/{process}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromSeconds((long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / ClockTicksPerSecond);
    }

    private static IPEndPoint FreeEndpoint()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }
}
