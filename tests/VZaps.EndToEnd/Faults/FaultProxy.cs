using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace VZaps.EndToEnd.Faults;

/// <summary>A line to a server on loopback, on which everything can go wrong that goes wrong on lines. Thread-safe.</summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly IPEndPoint _target;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<FaultyLine, Task> _open = new();
    private readonly ConcurrentQueue<LineFaults> _next = new();
    private readonly Task _accepting;
    private volatile LineFaults _faults = LineFaults.None;
    private int _accepted;

    public FaultProxy(string target)
    {
        var address = new Uri(target);
        _target = new IPEndPoint(IPAddress.Parse(address.Host), address.Port);
        _listener.Start();
        Address = $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _accepting = AcceptAsync();
    }

    /// <summary>Host and port to connect to.</summary>
    public string Address { get; }

    /// <summary>Connections that were accepted so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>The lines that are open now.</summary>
    public IReadOnlyList<FaultyLine> Open => [.. _open.Keys];

    /// <summary>Sets what is wrong with all lines: those that are open and those to come.</summary>
    public void Set(LineFaults faults)
    {
        _faults = faults;
        SetOpen(faults);
    }

    /// <summary>Sets what is wrong with the lines that are open; those to come are as they were.</summary>
    public void SetOpen(LineFaults faults)
    {
        foreach (var line in Open)
            line.Faults = faults;
    }

    /// <summary>Sets what will be wrong with one connection to come; called again, with the one after it.</summary>
    public void SetNext(LineFaults faults) => _next.Enqueue(faults);

    public void CutAll(LineEnd how)
    {
        foreach (var line in Open)
            line.Cut(how);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        CutAll(LineEnd.Reset);
        await Task.WhenAll(_open.Values);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync();
            }
            catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            var line = new FaultyLine(client, _target, _next.TryDequeue(out var own) ? own : _faults);
            Interlocked.Increment(ref _accepted);
            var started = new TaskCompletionSource();
            _open[line] = RunAsync(line, started.Task);
            started.SetResult();
        }
    }

    private async Task RunAsync(FaultyLine line, Task registered)
    {
        await registered;
        await line.RunAsync();
        _open.TryRemove(line, out _);
    }
}
