using System.Threading.Tasks.Sources;

namespace VZaps.LoadTest.Bare;

/// <summary>One request's events as frames, waiting to be durable.</summary>
internal sealed class PublishRequest(Topic topic) : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _durable = new() { RunContinuationsAsynchronously = true };

    public Topic Topic => topic;

    /// <summary>The frames; their ids are filled in by the writer.</summary>
    public FrameBuffer Frames { get; } = new();

    /// <summary>The sequence of the first event.</summary>
    public long FirstSequence { get; set; }

    public ValueTask WhenDurable => new(this, _durable.Version);

    public void Complete() => _durable.SetResult(true);

    public void Fail(Exception failure) => _durable.SetException(failure);

    public void GetResult(short token) => _durable.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _durable.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _durable.OnCompleted(continuation, state, token, flags);
}
