namespace VZaps.Client.Media;

/// <summary>Whether and when an interrupted file is asked for again. Waits are random parts of 0.5 s, doubled up to 10 s with each try that brought nothing; one that the server asks for wins.</summary>
internal sealed class MediaResumes(int most)
{
    private static readonly TimeSpan BaseDelay = TimeSpan.FromMilliseconds(500), LongestDelay = TimeSpan.FromSeconds(10), LongestAsked = TimeSpan.FromMinutes(1);
    private int _inARow;

    /// <summary>Bytes came: the count starts anew.</summary>
    public void Progress() => _inARow = 0;

    /// <summary>The wait; null where it is enough.</summary>
    public TimeSpan? Next(TimeSpan? asked)
    {
        if (_inARow >= most || asked > LongestAsked)
            return null;
        var delay = BaseDelay * Math.Pow(2, _inARow++);
        return asked ?? (delay < LongestDelay ? delay : LongestDelay) * Random.Shared.NextDouble();
    }
}
