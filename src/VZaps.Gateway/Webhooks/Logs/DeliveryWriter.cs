using System.Threading.Channels;

namespace VZaps.Gateway.Webhooks;

/// <summary>The one loop that writes deliveries: what has gathered while a commit went on is the next transaction, with one flush for all of it. Thread-safe.</summary>
internal sealed class DeliveryWriter : IAsyncDisposable
{
    /// <summary>Most writes of one transaction.</summary>
    public const int MaxGroup = 256;

    /// <summary>Most writes that wait; who comes after them waits for a place.</summary>
    public const int MaxWaiting = 1_024;

    // The file has one writer at a time, and who waits for it asks again and again: between two transactions without a pause nobody would find it free.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    private readonly DeliveryConnections _connections;
    private readonly Channel<Job> _jobs = Channel.CreateBounded<Job>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly Task _loop;
    private WriterSession? _session;

    public DeliveryWriter(DeliveryConnections connections)
    {
        _connections = connections;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>How many transactions there were.</summary>
    public long Commits { get; private set; }

    /// <summary>Has something written; completes when it is durable.</summary>
    /// <param name="apply">Runs in a transaction of its own or with others; where one of those fails, once more by itself.</param>
    /// <param name="cancellationToken">Ends the wait, not a write that waits for its turn or has begun.</param>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">Nothing of it was kept.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public async Task WriteAsync(Action<WriterSession> apply, CancellationToken cancellationToken)
    {
        var job = new Job(apply, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            await _jobs.Writer.WriteAsync(job, cancellationToken);
        }
        catch (ChannelClosedException closed)
        {
            throw new ObjectDisposedException("The store of deliveries is closed: the gateway stops.", closed);
        }

        await job.Done.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Writes what waits, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _jobs.Writer.TryComplete();
        await _loop;
    }

    private async Task RunAsync()
    {
        var group = new List<Job>(MaxGroup);
        while (await _jobs.Reader.WaitToReadAsync())
        {
            while (group.Count < MaxGroup && _jobs.Reader.TryRead(out var job))
                group.Add(job);
            CommitAll(group);
            group.Clear();
            await Task.Delay(Pause);
        }

        _session?.Dispose();
    }

    private void CommitAll(List<Job> group)
    {
        if (group.Count > 1 && TryCommit(group, out _))
        {
            group.ForEach(job => job.Done.TrySetResult());
            return;
        }

        // One that cannot be kept is not to take the others with it.
        foreach (var job in group)
        {
            if (TryCommit([job], out var failure))
                job.Done.TrySetResult();
            else
                job.Done.TrySetException(failure!);
        }
    }

    private bool TryCommit(List<Job> group, out Exception? failure)
    {
        try
        {
            _session ??= new WriterSession(_connections);
            _session.Begin();
            foreach (var job in group)
                job.Apply(_session);
            _session.Commit();
            Commits++;
            failure = null;
            return true;
        }
        catch (Exception exception)
        {
            // Whatever state it is in: the next one is made anew.
            (_session, var failed) = (null, _session);
            failed?.Dispose();
            failure = exception;
            return false;
        }
    }

    private readonly record struct Job(Action<WriterSession> Apply, TaskCompletionSource Done);
}
