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

    private ReconnectTries? _tries;
    private long _began;

    public bool IsOn => _tries is not null && time.GetElapsedTime(_began) < Length;

    public void Begin()
    {
        _tries = new ReconnectTries(new ExponentialReconnectPolicy(retryDelay), retryDelay, Random.Shared, time);
        _began = time.GetTimestamp();
    }

    /// <summary>A connection is open again.</summary>
    public void End() => _tries = null;

    /// <summary>The wait before the next try. Only while it <see cref="IsOn"/>.</summary>
    /// <param name="failure">What ended the connection, or the try to make one.</param>
    /// <param name="asked">The wait that the server asked for.</param>
    public TimeSpan NextDelay(VZapsException failure, TimeSpan? asked) => _tries!.Next(failure, asked) ?? TimeSpan.Zero;
}
