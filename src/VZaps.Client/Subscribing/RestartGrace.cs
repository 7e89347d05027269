using VZaps.Client.Realtime;

namespace VZaps.Client.Subscribing;

/// <summary>
/// The time after a <c>goaway</c>: the server said that it restarts, so that a door that is still closed is no news to anybody. Failed
/// tries are not reported and do not count, and have a back-off of their own.
/// </summary>
/// <remarks>Not thread-safe: it belongs to the loop that connects.</remarks>
internal sealed class RestartGrace(TimeSpan retryDelay, TimeProvider time)
{
    /// <summary>A drain takes up to 10 s; the rest is for the next process to come up.</summary>
    public static TimeSpan Length { get; } = TimeSpan.FromSeconds(30);

    private ReconnectBackoff? _backoff;
    private long _began;

    public bool IsOn => _backoff is not null && time.GetElapsedTime(_began) < Length;

    public void Begin()
    {
        _backoff = new ReconnectBackoff(retryDelay, Random.Shared);
        _began = time.GetTimestamp();
    }

    /// <summary>A connection is open again.</summary>
    public void End() => _backoff = null;

    /// <summary>The wait before the next try. Only while it <see cref="IsOn"/>.</summary>
    public TimeSpan NextDelay(TimeSpan? asked) => _backoff!.NextDelay(asked);
}
