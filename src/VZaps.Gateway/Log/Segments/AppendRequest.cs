using System.Threading.Tasks.Sources;

namespace VZaps.Gateway.Log.Segments;

/// <summary>A batch on its way through the writer; or, without drafts, a wish to trim. Its end is awaited once.</summary>
internal sealed class AppendRequest(InstanceId instance, IReadOnlyList<EventDraft> drafts) : IValueTaskSource<AppendResult>
{
    /// <summary>Has the writer look at what another thread has finished for it.</summary>
    public static readonly AppendRequest Step = new(default, []);

    // The writer completes it: what follows must not run on the writer's thread. A task of its own would be one object more a request.
    private ManualResetValueTaskSourceCore<AppendResult> _done = new() { RunContinuationsAsynchronously = true };

    private List<int>? _duplicates;
    private bool _isEnded; // the writer's alone

    public InstanceId Instance => instance;

    public IReadOnlyList<EventDraft> Drafts => drafts;

    public bool IsTrim => drafts.Count == 0;

    /// <summary>What it takes in a file at most, with its share of the footer.</summary>
    public long MaxBytes { get; } = MostBytesOf(drafts);

    public EventPosition[] Positions { get; } = new EventPosition[drafts.Count];

    /// <summary>The indexes of the drafts that were there already, ascending.</summary>
    public IReadOnlyList<int> Duplicates => _duplicates ?? (IReadOnlyList<int>)[];

    /// <summary>The records that it makes, in order.</summary>
    public List<NewRecord> Records { get; } = new(drafts.Count);

    /// <summary>Completes when it is durable, or fails. For one await.</summary>
    public ValueTask<AppendResult> Done => new(this, _done.Version);

    public void AddDuplicate(int index) => (_duplicates ??= []).Add(index);

    /// <summary>Does nothing for one that has failed.</summary>
    public void Complete()
    {
        if (_isEnded)
            return;
        _isEnded = true;
        _done.SetResult(new AppendResult(Positions, Duplicates));
    }

    /// <summary>Does nothing for one that was answered already, before its group failed.</summary>
    public void Fail(Exception reason)
    {
        if (_isEnded)
            return;
        _isEnded = true;
        _done.SetException(reason);
    }

    AppendResult IValueTaskSource<AppendResult>.GetResult(short token) => _done.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<AppendResult>.GetStatus(short token) => _done.GetStatus(token);

    void IValueTaskSource<AppendResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _done.OnCompleted(continuation, state, token, flags);

    private static long MostBytesOf(IReadOnlyList<EventDraft> drafts)
    {
        long bytes = FooterFormat.MostOfInstance;
        for (var i = 0; i < drafts.Count; i++)
            bytes += RecordFormat.PaddedLength(drafts[i].Utf8.Length, drafts[i].IdempotencyKey.Length) + FooterFormat.MostOfEvent;
        return bytes;
    }
}

/// <summary>A record that waits for its flush.</summary>
internal readonly record struct NewRecord(EventDraft Draft, EventPosition Position, long TimeMs, long Offset, ulong KeyHash);
