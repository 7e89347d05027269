namespace VZaps.Client.Media;

/// <summary>
/// Whether and when an interrupted file is asked for again. Waits are random parts of 0.5 s, doubled up to 10 s with each try that brought nothing new; where the server asks for a longer one, that counts.
/// </summary>
internal sealed class MediaResumes(int most)
{
    private static readonly TimeSpan BaseDelay = TimeSpan.FromMilliseconds(500), LongestDelay = TimeSpan.FromSeconds(10), LongestAsked = TimeSpan.FromMinutes(1);
    private int _inARow;
    private long _furthest;

    /// <summary>Bytes came. Where they are further than any before, the count starts anew: a file that always breaks at the same place and is fetched from its start has an end.</summary>
    public void Progress(long position)
    {
        if (position <= _furthest)
            return;
        (_furthest, _inARow) = (position, 0);
    }

    /// <summary>The wait; null where it is enough.</summary>
    public TimeSpan? Next(TimeSpan? asked)
    {
        if (_inARow >= most || asked > LongestAsked)
            return null;
        var delay = BaseDelay * Math.Pow(2, _inARow++);
        var own = (delay < LongestDelay ? delay : LongestDelay) * Random.Shared.NextDouble();
        return asked > own ? asked : own;
    }
}
