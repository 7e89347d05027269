using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using VZaps.Client.Telemetry;

namespace VZaps.Client.Subscribing;

/// <summary>Callbacks that took too long and still run. Each is skipped until it has ended; what it missed is counted, and logged when it begins to miss something and at its end.</summary>
/// <remarks>One adds and asks; they end on any thread.</remarks>
internal sealed partial class CallbacksLeftBehind(ILogger logger)
{
    private readonly ConcurrentDictionary<Delegate, Left> _left = new();

    /// <summary>It was waited for long enough.</summary>
    /// <param name="callback">The callback.</param>
    /// <param name="name">What it was registered by.</param>
    /// <param name="running">Completes when it has ended; never fails.</param>
    public void Add(Delegate callback, string name, Task running)
    {
        _left[callback] = new Left();
        _ = running.ContinueWith(_ => Remove(callback, name), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Whether it still runs, and so misses what it would be called for now.</summary>
    public bool IsSkipped(Delegate callback, string name)
    {
        if (!_left.TryGetValue(callback, out var left))
            return false;
        ClientTelemetry.SkippedCallbacks.Add(1);
        if (left.Skip() == 1)
            LogSkipped(logger, name);
        return true;
    }

    private void Remove(Delegate callback, string name)
    {
        if (_left.TryRemove(callback, out var left) && left.Skipped > 0)
            LogEnded(logger, name, left.Skipped);
    }

    [LoggerMessage(1404, LogLevel.Warning, "A callback of {Callback} is not called: it was called before and has not returned yet. It misses what happens until it has.")]
    private static partial void LogSkipped(ILogger logger, string callback);

    [LoggerMessage(1405, LogLevel.Warning, "A callback of {Callback} that was left to itself has returned; it missed {Skipped} calls.")]
    private static partial void LogEnded(ILogger logger, string callback, int skipped);

    private sealed class Left
    {
        private int _skipped;

        public int Skipped => Volatile.Read(ref _skipped);

        public int Skip() => Interlocked.Increment(ref _skipped);
    }
}
