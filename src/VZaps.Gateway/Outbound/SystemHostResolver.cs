using System.Net;
using System.Net.Sockets;

namespace VZaps.Gateway.Outbound;

/// <summary>The system's resolver, kept off the thread pool.</summary>
/// <remarks>It blocks its thread for as long as a name server is silent, and who gives the names decides how silent: on pool threads some
/// dozens of such names would stop everything that the gateway does. Here they use up threads of their own, one a name however many ask for it, and
/// names of which nothing was heard get half of them at most, or some hundreds would take every thread from the names of others.</remarks>
internal sealed class SystemHostResolver : IHostResolver, IDisposable
{
    // What hangs holds its thread for 10 s or so (two tries of 5 s a server); small stacks, so that all of them are some megabytes.
    public const int MaxLookups = 128;
    private const int StackBytes = 256 * 1_024;

    /// <summary>A lookup that fails after so long failed for want of an answer.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(4);

    /// <summary>How long it is remembered of a name that nothing was heard of it.</summary>
    private static readonly TimeSpan SilentFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WaitForRoom = TimeSpan.FromSeconds(10);

    private readonly Func<string, IPAddress[]> _lookup;
    private readonly SemaphoreSlim _room = new(MaxLookups);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Task<IReadOnlyList<IPAddress>>> _running = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, DateTimeOffset> _silentUntil = new(StringComparer.OrdinalIgnoreCase);
    private readonly TimeProvider _time;

    public SystemHostResolver(TimeProvider time)
        : this(Dns.GetHostAddresses, time)
    {
    }

    /// <param name="lookup">The question itself, which may block.</param>
    /// <param name="time">The clock.</param>
    public SystemHostResolver(Func<string, IPAddress[]> lookup, TimeProvider time) => (_lookup, _time) = (lookup, time);

    public Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        Task<IReadOnlyList<IPAddress>> running;
        lock (_lock)
        {
            // While there is room it is asked again: it may have been the gateway's own name server that was away.
            if (_running.Count >= MaxLookups / 2 && !_running.ContainsKey(host) && _silentUntil.TryGetValue(host, out var until) && _time.GetUtcNow() < until)
                return Task.FromException<IReadOnlyList<IPAddress>>(new SocketException((int)SocketError.TryAgain));
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
            await TakeRoomAsync();
            var began = _time.GetTimestamp();
            try
            {
                var found = await OnThreadAsync(host);
                Heard(host);
                return found;
            }
            catch (SocketException) when (_time.GetElapsedTime(began) >= Silence)
            {
                NotHeard(host);
                throw;
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

    private async Task TakeRoomAsync()
    {
        using var limit = new CancellationTokenSource(WaitForRoom, _time);
        try
        {
            await _room.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new SocketException((int)SocketError.TryAgain);
        }
    }

    private void Heard(string host)
    {
        lock (_lock)
            _silentUntil.Remove(host);
    }

    private void NotHeard(string host)
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            foreach (var (name, until) in _silentUntil)
            {
                if (until < now)
                    _silentUntil.Remove(name);
            }

            _silentUntil[host] = now + SilentFor;
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
