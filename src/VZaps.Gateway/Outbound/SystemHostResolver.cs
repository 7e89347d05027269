using System.Net;
using System.Net.Sockets;

namespace VZaps.Gateway.Outbound;

/// <summary>The system's resolver, kept off the thread pool.</summary>
/// <remarks>It blocks its thread for as long as a name server is silent, and who gives the names decides how silent: on pool threads some
/// dozens of such names would stop everything that the gateway does. Here they use up threads of their own, one a name however many ask for it.</remarks>
internal sealed class SystemHostResolver : IHostResolver, IDisposable
{
    // What hangs holds its thread for 10 s or so (two tries of 5 s a server); small stacks, so that all of them are some megabytes.
    public const int MaxLookups = 128;
    private const int StackBytes = 256 * 1_024;

    private readonly Func<string, IPAddress[]> _lookup;
    private readonly SemaphoreSlim _room = new(MaxLookups);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Task<IReadOnlyList<IPAddress>>> _running = new(StringComparer.OrdinalIgnoreCase);

    public SystemHostResolver()
        : this(Dns.GetHostAddresses)
    {
    }

    /// <param name="lookup">The question itself, which may block.</param>
    public SystemHostResolver(Func<string, IPAddress[]> lookup) => _lookup = lookup;

    public Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        Task<IReadOnlyList<IPAddress>> running;
        lock (_lock)
        {
            if (!_running.TryGetValue(host, out running!))
                _running.Add(host, running = LookUpAsync(host));
        }

        return running.WaitAsync(cancellationToken);
    }

    public void Dispose() => _room.Dispose();

    private async Task<IReadOnlyList<IPAddress>> LookUpAsync(string host)
    {
        // Whoever began it enters the task before its end may take it out again.
        await Task.Yield();
        try
        {
            if (!await _room.WaitAsync(TimeSpan.FromSeconds(10)))
                throw new SocketException((int)SocketError.TryAgain);
            try
            {
                return await OnThreadAsync(host);
            }
            finally
            {
                _room.Release();
            }
        }
        finally
        {
            lock (_lock)
                _running.Remove(host);
        }
    }

    private Task<IReadOnlyList<IPAddress>> OnThreadAsync(string host)
    {
        var answer = new TaskCompletionSource<IReadOnlyList<IPAddress>>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => LookUp(host, answer), StackBytes) { IsBackground = true, Name = "Name lookup" }.UnsafeStart();
        return answer.Task;
    }

    private void LookUp(string host, TaskCompletionSource<IReadOnlyList<IPAddress>> answer)
    {
        try
        {
            answer.SetResult(_lookup(host));
        }
        // Whatever it is belongs to those who wait, and would end the process on a thread of its own.
        catch (Exception failed)
        {
            answer.SetException(failed);
        }
    }
}
