namespace VZaps.Gateway.Log.Segments;

/// <summary>A batch on its way through the writer; or, without drafts, a wish to trim.</summary>
internal sealed class AppendRequest(InstanceId instance, IReadOnlyList<EventDraft> drafts)
{
    /// <summary>Has the writer look at what another thread has finished for it.</summary>
    public static readonly AppendRequest Step = new(default, []);

    // The writer completes it: what follows must not run on the writer's thread.
    private readonly TaskCompletionSource<AppendResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public InstanceId Instance => instance;

    public IReadOnlyList<EventDraft> Drafts => drafts;

    public bool IsTrim => drafts.Count == 0;

    /// <summary>What it takes in a file at most, with its share of the footer.</summary>
    public long MaxBytes { get; } = FooterFormat.MostOfInstance + drafts.Sum(
        draft => (long)RecordFormat.PaddedLength(draft.Utf8.Length, draft.IdempotencyKey.Length) + FooterFormat.MostOfEvent);

    public EventPosition[] Positions { get; } = new EventPosition[drafts.Count];

    public List<int> Duplicates { get; } = [];

    /// <summary>The records that it makes, in order.</summary>
    public List<NewRecord> Records { get; } = [];

    public Task<AppendResult> Done => _done.Task;

    public void Complete() => _done.TrySetResult(new AppendResult(Positions, Duplicates));

    public void Fail(Exception reason)
    {
        _done.TrySetException(reason);
        _ = _done.Task.Exception; // a publisher may have gone
    }
}

/// <summary>A record that waits for its flush.</summary>
internal readonly record struct NewRecord(EventDraft Draft, EventPosition Position, long TimeMs, long Offset, ulong KeyHash);
