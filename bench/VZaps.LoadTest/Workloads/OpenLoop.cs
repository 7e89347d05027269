using System.Collections.Concurrent;
using System.Diagnostics;
using VZaps.LoadTest.Systems;

namespace VZaps.LoadTest.Workloads;

/// <summary>
/// Publishes at times that were fixed before, whatever the server does: one event at each, over whichever connection is free. One
/// that finds none free goes late, and its time counts from when it was due.
/// </summary>
/// <param name="server">Where to.</param>
/// <param name="dueAt">Gets, by number, when each event was due, as a <see cref="Stopwatch"/> timestamp.</param>
internal sealed class OpenLoop(IServer server, long[] dueAt) : IAsyncDisposable
{
    private const int Connections = 128;
    private readonly BlockingCollection<IPublisher> _free = new(new ConcurrentQueue<IPublisher>());
    private readonly ConcurrentQueue<Exception> _failures = new();

    public async Task ConnectAsync()
    {
        for (var i = 0; i < Connections; i++)
            _free.Add(await server.OpenPublisherAsync());
    }

    /// <summary>Publishes so many events from a number on, so many a second, to one instance.</summary>
    public async Task PublishAsync(int first, int count, int perSecond, int instance)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => Run(first, count, perSecond, instance, done)) { IsBackground = true, Name = "open loop" };
        thread.Start();
        await done.Task;
        if (_failures.TryDequeue(out var failure))
            throw failure;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var publisher in _free)
            await publisher.DisposeAsync();
        _free.Dispose();
    }

    private void Run(int first, int count, int perSecond, int instance, TaskCompletionSource done)
    {
        PreciseSleep.Prepare();
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < count && _failures.IsEmpty; i++)
        {
            var due = began + (Stopwatch.Frequency * (long)i / perSecond);
            PreciseSleep.Until(due);
            Volatile.Write(ref dueAt[first + i], due);
            _ = PublishAsync(_free.Take(), instance, first + i);
        }

        // All are free again when the last answer has come.
        var all = Enumerable.Range(0, Connections).Select(_ => _free.Take()).ToList();
        all.ForEach(_free.Add);
        done.SetResult();
    }

    private async Task PublishAsync(IPublisher publisher, int instance, int number)
    {
        try
        {
            await publisher.PublishAsync(instance, number, count: 1);
        }
        catch (Exception failure)
        {
            _failures.Enqueue(failure);
        }

        _free.Add(publisher);
    }
}
